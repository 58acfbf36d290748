declare <2 x float> @llvm.sqrt.v2f32(<2 x float>)
declare <2 x float> @llvm.floor.v2f32(<2 x float>)
declare <2 x float> @llvm.rint.v2f32(<2 x float>)
declare <2 x float> @llvm.fabs.v2f32(<2 x float>)
declare <2 x float> @llvm.copysign.v2f32(<2 x float>, <2 x float>)
declare i64 @llvm.usub.sat.i64(i64, i64)
declare void @llvm.prefetch.p0(ptr, i32, i32, i32)
declare i1 @llvm.vector.reduce.or.v2i1(<2 x i1>)
declare i1 @llvm.vector.reduce.and.v2i1(<2 x i1>)
declare void @llvm.masked.store.v2f32.p0(<2 x float>, ptr, i32, <2 x i1>)

define void @scan(ptr %frame) #0 {
entry:
  %v1 = getelementptr i64, ptr %frame, i64 0
  %v2 = load i64, ptr %v1
  %v3 = getelementptr i64, ptr %frame, i64 1
  %v4 = load i64, ptr %v3
  %v5 = getelementptr i64, ptr %frame, i64 2
  %v6 = load ptr, ptr %v5
  %v7 = getelementptr i64, ptr %frame, i64 3
  %v8 = load ptr, ptr %v7
  %v9 = getelementptr i64, ptr %frame, i64 4
  %v10 = load i64, ptr %v9
  %v11 = getelementptr i64, ptr %frame, i64 5
  %v12 = load ptr, ptr %v11
  %v13 = getelementptr i64, ptr %frame, i64 6
  %v14 = load ptr, ptr %v13
  %v15 = getelementptr i64, ptr %frame, i64 7
  %v16 = load i64, ptr %v15
  %v17 = getelementptr i64, ptr %frame, i64 8
  %v18 = load ptr, ptr %v17
  %v19 = getelementptr i64, ptr %frame, i64 9
  %v20 = load ptr, ptr %v19
  %v21 = getelementptr i64, ptr %frame, i64 10
  %v22 = load i64, ptr %v21
  %v23 = getelementptr i64, ptr %frame, i64 11
  %v24 = load ptr, ptr %v23
  %v25 = getelementptr i64, ptr %frame, i64 12
  %v26 = load ptr, ptr %v25
  %v27 = getelementptr i64, ptr %frame, i64 13
  %v28 = load i64, ptr %v27
  %v29 = getelementptr i64, ptr %frame, i64 14
  %v30 = load ptr, ptr %v29
  %v31 = getelementptr i64, ptr %frame, i64 15
  %v32 = load i64, ptr %v31
  %v33 = getelementptr float, ptr %v18, i64 0
  %v34 = load float, ptr %v33
  %v35 = insertelement <2 x float> poison, float %v34, i64 0
  %v36 = shufflevector <2 x float> %v35, <2 x float> poison, <2 x i32> zeroinitializer
  %v37 = sub i64 %v2, 2
  %v38 = icmp sge i64 %v37, 0
  br i1 %v38, label %track, label %end
track:
  %block = phi i64 [ 0, %entry ], [ %block.next, %track.next ]
  %v39 = icmp slt i64 %block, %v37
  %v40 = select i1 %v39, i64 %block, i64 %v37
  %v41 = add i64 %v40, 0
  %v42 = add i64 %v40, 1
  %v43 = mul i64 %v41, %v22
  %v44 = getelementptr float, ptr %v20, i64 %v43
  %v45 = mul i64 %v42, %v22
  %v46 = getelementptr float, ptr %v20, i64 %v45
  %v47 = getelementptr float, ptr %v44, i64 0
  %v48 = load float, ptr %v47
  %v49 = insertelement <2 x float> poison, float %v48, i64 0
  %v50 = getelementptr float, ptr %v46, i64 0
  %v51 = load float, ptr %v50
  %v52 = insertelement <2 x float> %v49, float %v51, i64 1
  %v53 = getelementptr float, ptr %v44, i64 1
  %v54 = load float, ptr %v53
  %v55 = insertelement <2 x float> poison, float %v54, i64 0
  %v56 = getelementptr float, ptr %v46, i64 1
  %v57 = load float, ptr %v56
  %v58 = insertelement <2 x float> %v55, float %v57, i64 1
  %v59 = getelementptr float, ptr %v44, i64 2
  %v60 = load float, ptr %v59
  %v61 = insertelement <2 x float> poison, float %v60, i64 0
  %v62 = getelementptr float, ptr %v46, i64 2
  %v63 = load float, ptr %v62
  %v64 = insertelement <2 x float> %v61, float %v63, i64 1
  %v65 = getelementptr float, ptr %v44, i64 3
  %v66 = load float, ptr %v65
  %v67 = insertelement <2 x float> poison, float %v66, i64 0
  %v68 = getelementptr float, ptr %v46, i64 3
  %v69 = load float, ptr %v68
  %v70 = insertelement <2 x float> %v67, float %v69, i64 1
  %v71 = getelementptr float, ptr %v44, i64 4
  %v72 = load float, ptr %v71
  %v73 = insertelement <2 x float> poison, float %v72, i64 0
  %v74 = getelementptr float, ptr %v46, i64 4
  %v75 = load float, ptr %v74
  %v76 = insertelement <2 x float> %v73, float %v75, i64 1
  %v77 = fptoui <2 x float> %v76 to <2 x i32>
  %v78 = mul i64 %v41, %v10
  %v79 = getelementptr float, ptr %v8, i64 %v78
  %v80 = mul i64 %v42, %v10
  %v81 = getelementptr float, ptr %v8, i64 %v80
  %v82 = mul i64 %v41, %v16
  %v83 = getelementptr float, ptr %v14, i64 %v82
  %v84 = mul i64 %v42, %v16
  %v85 = getelementptr float, ptr %v14, i64 %v84
  %v86 = mul i64 %v41, %v28
  %v87 = getelementptr float, ptr %v26, i64 %v86
  %v88 = mul i64 %v42, %v28
  %v89 = getelementptr float, ptr %v26, i64 %v88
  %v90 = icmp sgt i64 %v4, 0
  br i1 %v90, label %row, label %track.done
row:
  %k = phi i64 [ 0, %track ], [ %k.next, %row.done ]
  %slot = phi i64 [ 0, %track ], [ %slot.next, %row.done ]
  %was.fast = phi i1 [ false, %track ], [ %is.fast, %row.done ]
  %c0 = phi <2 x float> [ %v52, %track ], [ %c0.next, %row.done ]
  %c1 = phi <2 x float> [ %v58, %track ], [ %c1.next, %row.done ]
  %c2 = phi <2 x float> [ %v64, %track ], [ %c2.next, %row.done ]
  %total = phi <2 x float> [ %v70, %track ], [ %total.next, %row.done ]
  %seen = phi <2 x i32> [ %v77, %track ], [ %seen.next, %row.done ]
  %v91 = getelementptr float, ptr %v6, i64 %k
  %v92 = load float, ptr %v91
  %v93 = insertelement <2 x float> poison, float %v92, i64 0
  %v94 = shufflevector <2 x float> %v93, <2 x float> poison, <2 x i32> zeroinitializer
  %v95 = mul i64 %k, 2
  %v96 = add i64 %v95, 0
  %v97 = getelementptr float, ptr %v83, i64 %v96
  %v98 = load float, ptr %v97
  %v99 = insertelement <2 x float> poison, float %v98, i64 0
  %v100 = getelementptr float, ptr %v85, i64 %v96
  %v101 = load float, ptr %v100
  %v102 = insertelement <2 x float> %v99, float %v101, i64 1
  %v103 = add i64 %v95, 1
  %v104 = getelementptr float, ptr %v83, i64 %v103
  %v105 = load float, ptr %v104
  %v106 = insertelement <2 x float> poison, float %v105, i64 0
  %v107 = getelementptr float, ptr %v85, i64 %v103
  %v108 = load float, ptr %v107
  %v109 = insertelement <2 x float> %v106, float %v108, i64 1
  %v110 = getelementptr float, ptr %v6, i64 %k
  %v111 = load float, ptr %v110
  %v112 = mul i64 %slot, 136
  %v113 = getelementptr i8, ptr %v30, i64 %v112
  %v114 = getelementptr i8, ptr %v113, i64 40
  %v115 = fcmp ord <2 x float> %v102, %v102
  %v116 = call i1 @llvm.vector.reduce.or.v2i1(<2 x i1> %v115)
  %v117 = call i1 @llvm.vector.reduce.and.v2i1(<2 x i1> %v115)
  %v118 = select i1 %v116, i64 1, i64 0
  %v119 = or i64 0, %v118
  %v120 = icmp eq i1 %v116, %v117
  %v121 = and i1 true, %v120
  %v122 = fcmp ord <2 x float> %v109, %v109
  %v123 = call i1 @llvm.vector.reduce.or.v2i1(<2 x i1> %v122)
  %v124 = call i1 @llvm.vector.reduce.and.v2i1(<2 x i1> %v122)
  %v125 = select i1 %v123, i64 2, i64 0
  %v126 = or i64 %v119, %v125
  %v127 = icmp eq i1 %v123, %v124
  %v128 = and i1 %v121, %v127
  %v129 = getelementptr float, ptr %v114, i64 0
  %v130 = load <2 x float>, ptr %v129, align 4
  %v131 = bitcast <2 x float> %c2 to <2 x i32>
  %v132 = bitcast <2 x float> %v130 to <2 x i32>
  %v133 = xor <2 x i32> %v131, %v132
  %v134 = or <2 x i32> <i32 0, i32 0>, %v133
  %v135 = icmp eq <2 x i32> %v134, <i32 0, i32 0>
  %v136 = call i1 @llvm.vector.reduce.and.v2i1(<2 x i1> %v135)
  %v137 = getelementptr i8, ptr %v113, i64 0
  %v138 = load i64, ptr %v137
  %v139 = getelementptr i8, ptr %v113, i64 8
  %v140 = load float, ptr %v139
  %v141 = bitcast float %v140 to i32
  %v142 = bitcast float %v111 to i32
  %v143 = icmp eq i32 %v141, %v142
  %v144 = icmp eq i64 %v138, %v126
  %v145 = and i1 %v144, %v143
  %v146 = and i1 %v145, %v136
  %v147 = and i1 %v128, %v146
  %v148 = getelementptr i8, ptr %v113, i64 32
  %v149 = load i64, ptr %v148
  %v150 = icmp eq i64 %v149, 1
  %v151 = and i1 %was.fast, %v150
  %v152 = getelementptr i8, ptr %v113, i64 16
  %v153 = load i64, ptr %v152
  %v154 = getelementptr i8, ptr %v113, i64 24
  %v155 = load float, ptr %v154
  %v156 = bitcast float %v155 to i32
  %v157 = bitcast float %v111 to i32
  %v158 = icmp eq i32 %v156, %v157
  %v159 = icmp eq i64 %v153, %v126
  %v160 = and i1 %v159, %v158
  %v161 = and i1 %v147, %v160
  %v162 = and i1 %v161, %v151
  br i1 %v162, label %fast, label %look
look:
  br i1 %v161, label %compare, label %slow
compare:
  %v163 = getelementptr float, ptr %v114, i64 2
  %v164 = load <2 x float>, ptr %v163, align 4
  %v165 = getelementptr float, ptr %v114, i64 4
  %v166 = load <2 x float>, ptr %v165, align 4
  %v167 = bitcast <2 x float> %c1 to <2 x i32>
  %v168 = bitcast <2 x float> %v164 to <2 x i32>
  %v169 = xor <2 x i32> %v167, %v168
  %v170 = or <2 x i32> <i32 0, i32 0>, %v169
  %v171 = bitcast <2 x float> %c2 to <2 x i32>
  %v172 = bitcast <2 x float> %v166 to <2 x i32>
  %v173 = xor <2 x i32> %v171, %v172
  %v174 = or <2 x i32> %v170, %v173
  %v175 = icmp eq <2 x i32> %v174, <i32 0, i32 0>
  %v176 = call i1 @llvm.vector.reduce.and.v2i1(<2 x i1> %v175)
  br i1 %v176, label %found, label %slow
found:
  %v177 = zext i1 %was.fast to i64
  %v178 = getelementptr i8, ptr %v113, i64 32
  store i64 %v177, ptr %v178
  br label %fast
fast:
  %v179 = fcmp ogt <2 x float> %v94, <float 0x0000000000000000, float 0x0000000000000000>
  %v180 = call i1 @llvm.vector.reduce.or.v2i1(<2 x i1> %v179)
  br i1 %v180, label %fast.run0, label %fast.done0
fast.run0:
  %v181 = getelementptr float, ptr %v114, i64 6
  %v182 = load <2 x float>, ptr %v181, align 4
  %v183 = getelementptr float, ptr %v114, i64 8
  %v184 = load <2 x float>, ptr %v183, align 4
  %v185 = getelementptr float, ptr %v114, i64 10
  %v186 = load <2 x float>, ptr %v185, align 4
  %v187 = getelementptr float, ptr %v114, i64 12
  %v188 = load <2 x float>, ptr %v187, align 4
  %v189 = fcmp one <2 x float> %v188, <float 0x0000000000000000, float 0x0000000000000000>
  %v190 = fadd <2 x float> %c0, %v186
  %v191 = fcmp olt <2 x float> %c0, <float 0x41CDCD6500000000, float 0x41CDCD6500000000>
  %v192 = and <2 x i1> %v189, %v191
  %v193 = and <2 x i1> %v179, %v192
  %v194 = call i1 @llvm.vector.reduce.and.v2i1(<2 x i1> %v193)
  br i1 %v194, label %fast.done0, label %slow
fast.done0:
  %v195 = phi <2 x float> [ %c0, %fast ], [ %v190, %fast.run0 ]
  %v196 = phi <2 x float> [ %c1, %fast ], [ %v182, %fast.run0 ]
  %v197 = phi <2 x float> [ %c2, %fast ], [ %v184, %fast.run0 ]
  %v198 = fcmp ord <2 x float> %v102, %v102
  %v199 = fcmp ord <2 x float> %v109, %v109
  %v200 = or <2 x i1> %v198, %v199
  %v201 = call i1 @llvm.vector.reduce.or.v2i1(<2 x i1> %v200)
  br i1 %v201, label %fast.run1, label %fast.done1
fast.run1:
  %v202 = getelementptr float, ptr %v114, i64 14
  %v203 = load <2 x float>, ptr %v202, align 4
  %v204 = getelementptr float, ptr %v114, i64 16
  %v205 = load <2 x float>, ptr %v204, align 4
  %v206 = getelementptr float, ptr %v114, i64 18
  %v207 = load <2 x float>, ptr %v206, align 4
  %v208 = getelementptr float, ptr %v114, i64 20
  %v209 = load <2 x float>, ptr %v208, align 4
  %v210 = fcmp one <2 x float> %v209, <float 0x0000000000000000, float 0x0000000000000000>
  %v211 = getelementptr float, ptr %v114, i64 22
  %v212 = load <2 x float>, ptr %v211, align 4
  %v213 = fcmp one <2 x float> %v212, <float 0x0000000000000000, float 0x0000000000000000>
  %v214 = fcmp oeq <2 x float> %v102, %v102
  %v215 = fcmp oeq <2 x float> %v109, %v109
  %v216 = fsub <2 x float> %v102, %v195
  %v217 = select <2 x i1> %v214, <2 x float> %v216, <2 x float> <float 0x0000000000000000, float 0x0000000000000000>
  %v218 = fmul <2 x float> %v203, %v217
  %v219 = fadd <2 x float> %v195, %v218
  %v220 = fcmp olt <2 x float> %v217, <float 0x41CDCD6500000000, float 0x41CDCD6500000000>
  %v221 = and <2 x i1> %v220, %v210
  %v222 = fmul <2 x float> %v217, %v217
  %v223 = fcmp une <2 x float> %v109, %v109
  %v224 = and <2 x i1> %v200, %v221
  %v225 = and <2 x i1> %v200, %v213
  %v226 = select <2 x i1> %v225, <2 x i32> <i32 2, i32 2>, <2 x i32> <i32 0, i32 0>
  %v227 = or <2 x i32> <i32 0, i32 0>, %v226
  %v228 = fadd <2 x float> <float 0x0000000000000000, float 0x0000000000000000>, %v222
  %v229 = fadd <2 x float> <float 0x0000000000000000, float 0x0000000000000000>, %v218
  %v230 = select <2 x i1> %v224, <2 x float> %v217, <2 x float> <float 0x7FF8000000000000, float 0x7FF8000000000000>
  %v231 = fcmp uno <2 x float> %v230, %v230
  %v232 = select <2 x i1> %v231, <2 x float> <float 0x7FF8000000000000, float 0x7FF8000000000000>, <2 x float> %v230
  %v233 = select <2 x i1> %v224, <2 x float> %v203, <2 x float> <float 0x7FF8000000000000, float 0x7FF8000000000000>
  %v234 = fcmp uno <2 x float> %v233, %v233
  %v235 = select <2 x i1> %v234, <2 x float> <float 0x7FF8000000000000, float 0x7FF8000000000000>, <2 x float> %v233
  %v236 = select <2 x i1> <i1 true, i1 true>, <2 x i32> <i32 1, i32 1>, <2 x i32> <i32 0, i32 0>
  %v237 = or <2 x i32> %v227, %v236
  %v238 = call i1 @llvm.vector.reduce.and.v2i1(<2 x i1> %v224)
  br i1 %v238, label %fast.done1, label %slow
fast.done1:
  %v239 = phi <2 x float> [ %v195, %fast.done0 ], [ %v219, %fast.run1 ]
  %v240 = phi <2 x float> [ %v196, %fast.done0 ], [ %v205, %fast.run1 ]
  %v241 = phi <2 x float> [ %v197, %fast.done0 ], [ %v207, %fast.run1 ]
  %v242 = phi <2 x float> [ <float 0x0000000000000000, float 0x0000000000000000>, %fast.done0 ], [ %v228, %fast.run1 ]
  %v243 = phi <2 x float> [ <float 0x0000000000000000, float 0x0000000000000000>, %fast.done0 ], [ %v229, %fast.run1 ]
  %v244 = phi <2 x i32> [ <i32 0, i32 0>, %fast.done0 ], [ %v237, %fast.run1 ]
  %v245 = phi <2 x float> [ <float 0x7FF8000000000000, float 0x7FF8000000000000>, %fast.done0 ], [ %v232, %fast.run1 ]
  %v246 = phi <2 x float> [ <float 0x7FF8000000000000, float 0x7FF8000000000000>, %fast.done0 ], [ %v235, %fast.run1 ]
  br label %tail
slow:
  %v247 = select i1 %v128, i64 %v126, i64 -1
  %v248 = getelementptr i8, ptr %v113, i64 0
  store i64 %v247, ptr %v248
  %v249 = getelementptr i8, ptr %v113, i64 8
  store float %v111, ptr %v249
  %v250 = getelementptr float, ptr %v114, i64 0
  store <2 x float> %c2, ptr %v250, align 4
  br i1 %v147, label %remember, label %remembered
remember:
  %v251 = getelementptr i8, ptr %v113, i64 32
  store i64 0, ptr %v251
  %v252 = add i64 %slot, 1
  %v253 = icmp eq i64 %v252, %v32
  %v254 = select i1 %v253, i64 0, i64 %v252
  %v255 = mul i64 %v254, 136
  %v256 = getelementptr i8, ptr %v30, i64 %v255
  %v257 = getelementptr i8, ptr %v256, i64 32
  store i64 0, ptr %v257
  %v258 = getelementptr i8, ptr %v113, i64 16
  store i64 %v247, ptr %v258
  %v259 = getelementptr i8, ptr %v113, i64 24
  store float %v111, ptr %v259
  %v260 = getelementptr float, ptr %v114, i64 2
  store <2 x float> %c1, ptr %v260, align 4
  %v261 = getelementptr float, ptr %v114, i64 4
  store <2 x float> %c2, ptr %v261, align 4
  br label %remembered
remembered:
  %v262 = fcmp ogt <2 x float> %v94, <float 0x0000000000000000, float 0x0000000000000000>
  %v263 = call i1 @llvm.vector.reduce.or.v2i1(<2 x i1> %v262)
  br i1 %v263, label %run0, label %done0
run0:
  %v264 = fmul <2 x float> %c1, <float 0x3FE0000000000000, float 0x3FE0000000000000>
  %v265 = fadd <2 x float> %v94, %v264
  %v266 = fmul <2 x float> %c2, <float 0x3FD0000000000000, float 0x3FD0000000000000>
  %v267 = fadd <2 x float> %v266, %v36
  %v268 = fmul <2 x float> <float 0x3FE0000000000000, float 0x3FE0000000000000>, %v265
  %v269 = fadd <2 x float> %v94, %v268
  %v270 = fmul <2 x float> <float 0x3FD0000000000000, float 0x3FD0000000000000>, %v267
  %v271 = fadd <2 x float> %v36, %v270
  %v272 = fmul <2 x float> <float 0x3FE0000000000000, float 0x3FE0000000000000>, %v269
  %v273 = fadd <2 x float> %v94, %v272
  %v274 = fmul <2 x float> <float 0x3FD0000000000000, float 0x3FD0000000000000>, %v271
  %v275 = fadd <2 x float> %v36, %v274
  %v276 = fmul <2 x float> <float 0x3FE0000000000000, float 0x3FE0000000000000>, %v273
  %v277 = fadd <2 x float> %v94, %v276
  %v278 = fmul <2 x float> <float 0x3FD0000000000000, float 0x3FD0000000000000>, %v275
  %v279 = fadd <2 x float> %v36, %v278
  %v280 = fmul <2 x float> <float 0x3FE0000000000000, float 0x3FE0000000000000>, %v277
  %v281 = fadd <2 x float> %v94, %v280
  %v282 = fmul <2 x float> <float 0x3FD0000000000000, float 0x3FD0000000000000>, %v279
  %v283 = fadd <2 x float> %v36, %v282
  %v284 = fmul <2 x float> <float 0x3FE0000000000000, float 0x3FE0000000000000>, %v281
  %v285 = fadd <2 x float> %v94, %v284
  %v286 = fmul <2 x float> <float 0x3FD0000000000000, float 0x3FD0000000000000>, %v283
  %v287 = fadd <2 x float> %v36, %v286
  %v288 = fmul <2 x float> <float 0x3FE0000000000000, float 0x3FE0000000000000>, %v285
  %v289 = fadd <2 x float> %v94, %v288
  %v290 = fmul <2 x float> <float 0x3FD0000000000000, float 0x3FD0000000000000>, %v287
  %v291 = fadd <2 x float> %v36, %v290
  %v292 = fmul <2 x float> <float 0x3FE0000000000000, float 0x3FE0000000000000>, %v289
  %v293 = fadd <2 x float> %v94, %v292
  %v294 = fmul <2 x float> <float 0x3FD0000000000000, float 0x3FD0000000000000>, %v291
  %v295 = fadd <2 x float> %v36, %v294
  %v296 = fmul <2 x float> <float 0x3FE0000000000000, float 0x3FE0000000000000>, %v293
  %v297 = fadd <2 x float> %v94, %v296
  %v298 = fmul <2 x float> <float 0x3FD0000000000000, float 0x3FD0000000000000>, %v295
  %v299 = fadd <2 x float> %v36, %v298
  %v300 = fmul <2 x float> %v94, %v299
  %v301 = fadd <2 x float> %c0, %v300
  %v302 = fcmp olt <2 x float> %v297, <float 0x4049000000000000, float 0x4049000000000000>
  %v303 = fcmp olt <2 x float> %c0, <float 0x41CDCD6500000000, float 0x41CDCD6500000000>
  %v304 = and <2 x i1> %v302, %v303
  br i1 %v147, label %save0, label %saved0
save0:
  %v305 = getelementptr float, ptr %v114, i64 6
  store <2 x float> %v297, ptr %v305, align 4
  %v306 = getelementptr float, ptr %v114, i64 8
  store <2 x float> %v299, ptr %v306, align 4
  %v307 = getelementptr float, ptr %v114, i64 10
  store <2 x float> %v300, ptr %v307, align 4
  %v308 = select <2 x i1> %v302, <2 x float> <float 0x3FF0000000000000, float 0x3FF0000000000000>, <2 x float> <float 0x0000000000000000, float 0x0000000000000000>
  %v309 = getelementptr float, ptr %v114, i64 12
  store <2 x float> %v308, ptr %v309, align 4
  br label %saved0
saved0:
  %v310 = and <2 x i1> %v262, %v304
  %v311 = call i1 @llvm.vector.reduce.and.v2i1(<2 x i1> %v310)
  br i1 %v311, label %done0, label %merge0
merge0:
  %v312 = getelementptr i8, ptr %v113, i64 0
  store i64 -1, ptr %v312
  %v313 = getelementptr i8, ptr %v113, i64 16
  store i64 -1, ptr %v313
  %v314 = select <2 x i1> %v310, <2 x float> %v301, <2 x float> %c0
  %v315 = select <2 x i1> %v310, <2 x float> %v297, <2 x float> %c1
  %v316 = select <2 x i1> %v310, <2 x float> %v299, <2 x float> %c2
  %v317 = select <2 x i1> %v310, <2 x float> <float 0x0000000000000000, float 0x0000000000000000>, <2 x float> <float 0x0000000000000000, float 0x0000000000000000>
  %v318 = select <2 x i1> %v310, <2 x float> <float 0x0000000000000000, float 0x0000000000000000>, <2 x float> <float 0x0000000000000000, float 0x0000000000000000>
  br label %done0
done0:
  %v319 = phi <2 x float> [ %c0, %remembered ], [ %v301, %saved0 ], [ %v314, %merge0 ]
  %v320 = phi <2 x float> [ %c1, %remembered ], [ %v297, %saved0 ], [ %v315, %merge0 ]
  %v321 = phi <2 x float> [ %c2, %remembered ], [ %v299, %saved0 ], [ %v316, %merge0 ]
  %v322 = phi <2 x float> [ <float 0x0000000000000000, float 0x0000000000000000>, %remembered ], [ <float 0x0000000000000000, float 0x0000000000000000>, %saved0 ], [ %v317, %merge0 ]
  %v323 = phi <2 x float> [ <float 0x0000000000000000, float 0x0000000000000000>, %remembered ], [ <float 0x0000000000000000, float 0x0000000000000000>, %saved0 ], [ %v318, %merge0 ]
  %v324 = fcmp ord <2 x float> %v102, %v102
  %v325 = fcmp ord <2 x float> %v109, %v109
  %v326 = or <2 x i1> %v324, %v325
  %v327 = call i1 @llvm.vector.reduce.or.v2i1(<2 x i1> %v326)
  br i1 %v327, label %run1, label %done1
run1:
  %v328 = fcmp oeq <2 x float> %v102, %v102
  %v329 = fcmp oeq <2 x float> %v109, %v109
  %v330 = fadd <2 x float> %v320, %v321
  %v331 = fdiv <2 x float> %v320, %v330
  %v332 = select <2 x i1> %v328, <2 x float> %v331, <2 x float> <float 0x0000000000000000, float 0x0000000000000000>
  %v333 = select <2 x i1> %v329, <2 x float> <float 0x3FC0000000000000, float 0x3FC0000000000000>, <2 x float> <float 0x0000000000000000, float 0x0000000000000000>
  %v334 = fadd <2 x float> %v332, %v333
  %v335 = fsub <2 x float> %v102, %v319
  %v336 = select <2 x i1> %v328, <2 x float> %v335, <2 x float> <float 0x0000000000000000, float 0x0000000000000000>
  %v337 = fmul <2 x float> %v320, %v334
  %v338 = fsub <2 x float> %v321, %v337
  %v339 = fmul <2 x float> %v334, %v336
  %v340 = fadd <2 x float> %v319, %v339
  %v341 = fmul <2 x float> %v320, <float 0x3FE8000000000000, float 0x3FE8000000000000>
  %v342 = fcmp olt <2 x float> <float 0x3FE0000000000000, float 0x3FE0000000000000>, %v338
  %v343 = select <2 x i1> %v342, <2 x float> %v338, <2 x float> %v321
  %v344 = fcmp olt <2 x float> %v336, <float 0x41CDCD6500000000, float 0x41CDCD6500000000>
  %v345 = fcmp olt <2 x float> %v338, <float 0x404E000000000000, float 0x404E000000000000>
  %v346 = and <2 x i1> %v344, %v345
  %v347 = fmul <2 x float> %v336, %v336
  %v348 = fcmp une <2 x float> %v109, %v109
  %v349 = xor <2 x i1> %v328, <i1 true, i1 true>
  %v350 = or <2 x i1> %v348, %v349
  br i1 %v147, label %save1, label %saved1
save1:
  %v351 = getelementptr float, ptr %v114, i64 14
  store <2 x float> %v334, ptr %v351, align 4
  %v352 = getelementptr float, ptr %v114, i64 16
  store <2 x float> %v341, ptr %v352, align 4
  %v353 = getelementptr float, ptr %v114, i64 18
  store <2 x float> %v343, ptr %v353, align 4
  %v354 = select <2 x i1> %v345, <2 x float> <float 0x3FF0000000000000, float 0x3FF0000000000000>, <2 x float> <float 0x0000000000000000, float 0x0000000000000000>
  %v355 = getelementptr float, ptr %v114, i64 20
  store <2 x float> %v354, ptr %v355, align 4
  %v356 = select <2 x i1> %v350, <2 x float> <float 0x3FF0000000000000, float 0x3FF0000000000000>, <2 x float> <float 0x0000000000000000, float 0x0000000000000000>
  %v357 = getelementptr float, ptr %v114, i64 22
  store <2 x float> %v356, ptr %v357, align 4
  br label %saved1
saved1:
  %v358 = and <2 x i1> %v326, %v346
  %v359 = and <2 x i1> %v326, %v350
  %v360 = select <2 x i1> %v359, <2 x i32> <i32 2, i32 2>, <2 x i32> <i32 0, i32 0>
  %v361 = or <2 x i32> <i32 0, i32 0>, %v360
  %v362 = fadd <2 x float> %v322, %v347
  %v363 = fadd <2 x float> %v323, %v339
  %v364 = select <2 x i1> %v358, <2 x float> %v336, <2 x float> <float 0x7FF8000000000000, float 0x7FF8000000000000>
  %v365 = fcmp uno <2 x float> %v364, %v364
  %v366 = select <2 x i1> %v365, <2 x float> <float 0x7FF8000000000000, float 0x7FF8000000000000>, <2 x float> %v364
  %v367 = select <2 x i1> %v358, <2 x float> %v334, <2 x float> <float 0x7FF8000000000000, float 0x7FF8000000000000>
  %v368 = fcmp uno <2 x float> %v367, %v367
  %v369 = select <2 x i1> %v368, <2 x float> <float 0x7FF8000000000000, float 0x7FF8000000000000>, <2 x float> %v367
  %v370 = select <2 x i1> <i1 true, i1 true>, <2 x i32> <i32 1, i32 1>, <2 x i32> <i32 0, i32 0>
  %v371 = or <2 x i32> %v361, %v370
  %v372 = call i1 @llvm.vector.reduce.and.v2i1(<2 x i1> %v358)
  br i1 %v372, label %done1, label %merge1
merge1:
  %v373 = getelementptr i8, ptr %v113, i64 0
  store i64 -1, ptr %v373
  %v374 = getelementptr i8, ptr %v113, i64 16
  store i64 -1, ptr %v374
  %v375 = select <2 x i1> %v358, <2 x float> %v340, <2 x float> %v319
  %v376 = select <2 x i1> %v358, <2 x float> %v341, <2 x float> %v320
  %v377 = select <2 x i1> %v358, <2 x float> %v343, <2 x float> %v321
  %v378 = select <2 x i1> %v358, <2 x float> %v362, <2 x float> %v322
  %v379 = select <2 x i1> %v358, <2 x float> %v363, <2 x float> %v323
  %v380 = select <2 x i1> %v358, <2 x i32> <i32 1, i32 1>, <2 x i32> <i32 0, i32 0>
  %v381 = or <2 x i32> %v361, %v380
  br label %done1
done1:
  %v382 = phi <2 x float> [ %v319, %done0 ], [ %v340, %saved1 ], [ %v375, %merge1 ]
  %v383 = phi <2 x float> [ %v320, %done0 ], [ %v341, %saved1 ], [ %v376, %merge1 ]
  %v384 = phi <2 x float> [ %v321, %done0 ], [ %v343, %saved1 ], [ %v377, %merge1 ]
  %v385 = phi <2 x float> [ %v322, %done0 ], [ %v362, %saved1 ], [ %v378, %merge1 ]
  %v386 = phi <2 x float> [ %v323, %done0 ], [ %v363, %saved1 ], [ %v379, %merge1 ]
  %v387 = phi <2 x i32> [ <i32 0, i32 0>, %done0 ], [ %v371, %saved1 ], [ %v381, %merge1 ]
  %v388 = phi <2 x float> [ <float 0x7FF8000000000000, float 0x7FF8000000000000>, %done0 ], [ %v366, %saved1 ], [ %v366, %merge1 ]
  %v389 = phi <2 x float> [ <float 0x7FF8000000000000, float 0x7FF8000000000000>, %done0 ], [ %v369, %saved1 ], [ %v369, %merge1 ]
  br label %tail
tail:
  %v390 = phi <2 x float> [ %v239, %fast.done1 ], [ %v382, %done1 ]
  %v391 = phi <2 x float> [ %v240, %fast.done1 ], [ %v383, %done1 ]
  %v392 = phi <2 x float> [ %v241, %fast.done1 ], [ %v384, %done1 ]
  %v393 = phi <2 x float> [ %v242, %fast.done1 ], [ %v385, %done1 ]
  %v394 = phi <2 x float> [ %v243, %fast.done1 ], [ %v386, %done1 ]
  %v395 = phi <2 x i32> [ %v244, %fast.done1 ], [ %v387, %done1 ]
  %v396 = phi <2 x float> [ %v245, %fast.done1 ], [ %v388, %done1 ]
  %v397 = phi <2 x float> [ %v246, %fast.done1 ], [ %v389, %done1 ]
  %is.fast = phi i1 [ true, %fast.done1 ], [ false, %done1 ]
  %v398 = and <2 x i32> %v395, <i32 4865, i32 4865>
  %v399 = icmp ne <2 x i32> %v398, <i32 0, i32 0>
  %v400 = select <2 x i1> %v399, <2 x i32> <i32 0, i32 0>, <2 x i32> <i32 4, i32 4>
  %v401 = or <2 x i32> %v395, %v400
  %v402 = and <2 x i32> %v401, <i32 1, i32 1>
  %v403 = icmp ne <2 x i32> %v402, <i32 0, i32 0>
  %v404 = select <2 x i1> %v403, <2 x float> %v393, <2 x float> <float 0x7FF8000000000000, float 0x7FF8000000000000>
  %v405 = uitofp <2 x i32> %v401 to <2 x float>
  %v406 = mul i64 %k, 8
  %v407 = add i64 %v406, 32
  %v408 = getelementptr float, ptr %v87, i64 %v407
  %v409 = getelementptr i8, ptr %v408, i64 0
  call void @llvm.prefetch.p0(ptr %v409, i32 1, i32 3, i32 1)
  %v410 = getelementptr float, ptr %v89, i64 %v407
  %v411 = getelementptr i8, ptr %v410, i64 0
  call void @llvm.prefetch.p0(ptr %v411, i32 1, i32 3, i32 1)
  %v412 = add i64 %v406, 0
  %v413 = shufflevector <2 x float> %v390, <2 x float> %v391, <2 x i32> <i32 0, i32 2>
  %v414 = shufflevector <2 x float> %v390, <2 x float> %v391, <2 x i32> <i32 1, i32 3>
  %v415 = getelementptr float, ptr %v87, i64 %v412
  store <2 x float> %v413, ptr %v415, align 4
  %v416 = getelementptr float, ptr %v89, i64 %v412
  store <2 x float> %v414, ptr %v416, align 4
  %v417 = add i64 %v406, 2
  %v418 = shufflevector <2 x float> %v392, <2 x float> %v396, <2 x i32> <i32 0, i32 2>
  %v419 = shufflevector <2 x float> %v392, <2 x float> %v396, <2 x i32> <i32 1, i32 3>
  %v420 = getelementptr float, ptr %v87, i64 %v417
  store <2 x float> %v418, ptr %v420, align 4
  %v421 = getelementptr float, ptr %v89, i64 %v417
  store <2 x float> %v419, ptr %v421, align 4
  %v422 = add i64 %v406, 4
  %v423 = shufflevector <2 x float> %v397, <2 x float> %v404, <2 x i32> <i32 0, i32 2>
  %v424 = shufflevector <2 x float> %v397, <2 x float> %v404, <2 x i32> <i32 1, i32 3>
  %v425 = getelementptr float, ptr %v87, i64 %v422
  store <2 x float> %v423, ptr %v425, align 4
  %v426 = getelementptr float, ptr %v89, i64 %v422
  store <2 x float> %v424, ptr %v426, align 4
  %v427 = add i64 %v406, 6
  %v428 = shufflevector <2 x float> %v394, <2 x float> %v405, <2 x i32> <i32 0, i32 2>
  %v429 = shufflevector <2 x float> %v394, <2 x float> %v405, <2 x i32> <i32 1, i32 3>
  %v430 = getelementptr float, ptr %v87, i64 %v427
  store <2 x float> %v428, ptr %v430, align 4
  %v431 = getelementptr float, ptr %v89, i64 %v427
  store <2 x float> %v429, ptr %v431, align 4
  %v432 = fadd <2 x float> %total, %v394
  br label %row.done
row.done:
  %c0.next = phi <2 x float> [ %v390, %tail ]
  %c1.next = phi <2 x float> [ %v391, %tail ]
  %c2.next = phi <2 x float> [ %v392, %tail ]
  %total.next = phi <2 x float> [ %v432, %tail ]
  %seen.next = or <2 x i32> %seen, %v401
  %k.next = add i64 %k, 1
  %v433 = add i64 %slot, 1
  %v434 = icmp eq i64 %v433, %v32
  %slot.next = select i1 %v434, i64 0, i64 %v433
  %v435 = icmp slt i64 %k.next, %v4
  br i1 %v435, label %row, label %track.done
track.done:
  %v436 = phi <2 x float> [ %v52, %track ], [ %c0.next, %row.done ]
  %v437 = phi <2 x float> [ %v58, %track ], [ %c1.next, %row.done ]
  %v438 = phi <2 x float> [ %v64, %track ], [ %c2.next, %row.done ]
  %v439 = phi <2 x float> [ %v70, %track ], [ %total.next, %row.done ]
  %v440 = phi <2 x i32> [ %v77, %track ], [ %seen.next, %row.done ]
  %v441 = uitofp <2 x i32> %v440 to <2 x float>
  %v442 = mul i64 %v41, 5
  %v443 = getelementptr float, ptr %v24, i64 %v442
  %v444 = mul i64 %v42, 5
  %v445 = getelementptr float, ptr %v24, i64 %v444
  %v446 = extractelement <2 x float> %v436, i64 0
  %v447 = getelementptr float, ptr %v443, i64 0
  store float %v446, ptr %v447
  %v448 = extractelement <2 x float> %v436, i64 1
  %v449 = getelementptr float, ptr %v445, i64 0
  store float %v448, ptr %v449
  %v450 = extractelement <2 x float> %v437, i64 0
  %v451 = getelementptr float, ptr %v443, i64 1
  store float %v450, ptr %v451
  %v452 = extractelement <2 x float> %v437, i64 1
  %v453 = getelementptr float, ptr %v445, i64 1
  store float %v452, ptr %v453
  %v454 = extractelement <2 x float> %v438, i64 0
  %v455 = getelementptr float, ptr %v443, i64 2
  store float %v454, ptr %v455
  %v456 = extractelement <2 x float> %v438, i64 1
  %v457 = getelementptr float, ptr %v445, i64 2
  store float %v456, ptr %v457
  %v458 = extractelement <2 x float> %v439, i64 0
  %v459 = getelementptr float, ptr %v443, i64 3
  store float %v458, ptr %v459
  %v460 = extractelement <2 x float> %v439, i64 1
  %v461 = getelementptr float, ptr %v445, i64 3
  store float %v460, ptr %v461
  %v462 = extractelement <2 x float> %v441, i64 0
  %v463 = getelementptr float, ptr %v443, i64 4
  store float %v462, ptr %v463
  %v464 = extractelement <2 x float> %v441, i64 1
  %v465 = getelementptr float, ptr %v445, i64 4
  store float %v464, ptr %v465
  br label %track.next
track.next:
  %block.next = add i64 %block, 2
  %v466 = icmp slt i64 %block.next, %v2
  br i1 %v466, label %track, label %end
end:
  ret void
}
attributes #0 = { nounwind "prefer-vector-width"="64" "min-legal-vector-width"="64" }
