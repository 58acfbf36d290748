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
  %v112 = mul i64 %slot, 128
  %v113 = getelementptr i8, ptr %v30, i64 %v112
  %v114 = getelementptr i8, ptr %v113, i64 32
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
  br i1 %v147, label %compare, label %slow
compare:
  %v148 = getelementptr float, ptr %v114, i64 2
  %v149 = load <2 x float>, ptr %v148, align 4
  %v150 = getelementptr float, ptr %v114, i64 4
  %v151 = load <2 x float>, ptr %v150, align 4
  %v152 = bitcast <2 x float> %c1 to <2 x i32>
  %v153 = bitcast <2 x float> %v149 to <2 x i32>
  %v154 = xor <2 x i32> %v152, %v153
  %v155 = or <2 x i32> <i32 0, i32 0>, %v154
  %v156 = bitcast <2 x float> %c2 to <2 x i32>
  %v157 = bitcast <2 x float> %v151 to <2 x i32>
  %v158 = xor <2 x i32> %v156, %v157
  %v159 = or <2 x i32> %v155, %v158
  %v160 = icmp eq <2 x i32> %v159, <i32 0, i32 0>
  %v161 = call i1 @llvm.vector.reduce.and.v2i1(<2 x i1> %v160)
  %v162 = getelementptr i8, ptr %v113, i64 16
  %v163 = load i64, ptr %v162
  %v164 = getelementptr i8, ptr %v113, i64 24
  %v165 = load float, ptr %v164
  %v166 = bitcast float %v165 to i32
  %v167 = bitcast float %v111 to i32
  %v168 = icmp eq i32 %v166, %v167
  %v169 = icmp eq i64 %v163, %v126
  %v170 = and i1 %v169, %v168
  %v171 = and i1 %v170, %v161
  br i1 %v171, label %fast, label %slow
fast:
  %v172 = fcmp ogt <2 x float> %v94, <float 0x0000000000000000, float 0x0000000000000000>
  %v173 = call i1 @llvm.vector.reduce.or.v2i1(<2 x i1> %v172)
  br i1 %v173, label %fast.run0, label %fast.done0
fast.run0:
  %v174 = getelementptr float, ptr %v114, i64 6
  %v175 = load <2 x float>, ptr %v174, align 4
  %v176 = getelementptr float, ptr %v114, i64 8
  %v177 = load <2 x float>, ptr %v176, align 4
  %v178 = getelementptr float, ptr %v114, i64 10
  %v179 = load <2 x float>, ptr %v178, align 4
  %v180 = getelementptr float, ptr %v114, i64 12
  %v181 = load <2 x float>, ptr %v180, align 4
  %v182 = fcmp one <2 x float> %v181, <float 0x0000000000000000, float 0x0000000000000000>
  %v183 = fadd <2 x float> %c0, %v179
  %v184 = fcmp olt <2 x float> %c0, <float 0x41CDCD6500000000, float 0x41CDCD6500000000>
  %v185 = and <2 x i1> %v182, %v184
  %v186 = and <2 x i1> %v172, %v185
  %v187 = call i1 @llvm.vector.reduce.and.v2i1(<2 x i1> %v186)
  br i1 %v187, label %fast.done0, label %slow
fast.done0:
  %v188 = phi <2 x float> [ %c0, %fast ], [ %v183, %fast.run0 ]
  %v189 = phi <2 x float> [ %c1, %fast ], [ %v175, %fast.run0 ]
  %v190 = phi <2 x float> [ %c2, %fast ], [ %v177, %fast.run0 ]
  %v191 = fcmp ord <2 x float> %v102, %v102
  %v192 = fcmp ord <2 x float> %v109, %v109
  %v193 = or <2 x i1> %v191, %v192
  %v194 = call i1 @llvm.vector.reduce.or.v2i1(<2 x i1> %v193)
  br i1 %v194, label %fast.run1, label %fast.done1
fast.run1:
  %v195 = getelementptr float, ptr %v114, i64 14
  %v196 = load <2 x float>, ptr %v195, align 4
  %v197 = getelementptr float, ptr %v114, i64 16
  %v198 = load <2 x float>, ptr %v197, align 4
  %v199 = getelementptr float, ptr %v114, i64 18
  %v200 = load <2 x float>, ptr %v199, align 4
  %v201 = getelementptr float, ptr %v114, i64 20
  %v202 = load <2 x float>, ptr %v201, align 4
  %v203 = fcmp one <2 x float> %v202, <float 0x0000000000000000, float 0x0000000000000000>
  %v204 = getelementptr float, ptr %v114, i64 22
  %v205 = load <2 x float>, ptr %v204, align 4
  %v206 = fcmp one <2 x float> %v205, <float 0x0000000000000000, float 0x0000000000000000>
  %v207 = fcmp oeq <2 x float> %v102, %v102
  %v208 = fcmp oeq <2 x float> %v109, %v109
  %v209 = fsub <2 x float> %v102, %v188
  %v210 = select <2 x i1> %v207, <2 x float> %v209, <2 x float> <float 0x0000000000000000, float 0x0000000000000000>
  %v211 = fmul <2 x float> %v196, %v210
  %v212 = fadd <2 x float> %v188, %v211
  %v213 = fcmp olt <2 x float> %v210, <float 0x41CDCD6500000000, float 0x41CDCD6500000000>
  %v214 = and <2 x i1> %v213, %v203
  %v215 = fmul <2 x float> %v210, %v210
  %v216 = fcmp une <2 x float> %v109, %v109
  %v217 = and <2 x i1> %v193, %v214
  %v218 = and <2 x i1> %v193, %v206
  %v219 = select <2 x i1> %v218, <2 x i32> <i32 2, i32 2>, <2 x i32> <i32 0, i32 0>
  %v220 = or <2 x i32> <i32 0, i32 0>, %v219
  %v221 = fadd <2 x float> <float 0x0000000000000000, float 0x0000000000000000>, %v215
  %v222 = fadd <2 x float> <float 0x0000000000000000, float 0x0000000000000000>, %v211
  %v223 = select <2 x i1> %v217, <2 x float> %v210, <2 x float> <float 0x7FF8000000000000, float 0x7FF8000000000000>
  %v224 = fcmp uno <2 x float> %v223, %v223
  %v225 = select <2 x i1> %v224, <2 x float> <float 0x7FF8000000000000, float 0x7FF8000000000000>, <2 x float> %v223
  %v226 = select <2 x i1> %v217, <2 x float> %v196, <2 x float> <float 0x7FF8000000000000, float 0x7FF8000000000000>
  %v227 = fcmp uno <2 x float> %v226, %v226
  %v228 = select <2 x i1> %v227, <2 x float> <float 0x7FF8000000000000, float 0x7FF8000000000000>, <2 x float> %v226
  %v229 = select <2 x i1> <i1 true, i1 true>, <2 x i32> <i32 1, i32 1>, <2 x i32> <i32 0, i32 0>
  %v230 = or <2 x i32> %v220, %v229
  %v231 = call i1 @llvm.vector.reduce.and.v2i1(<2 x i1> %v217)
  br i1 %v231, label %fast.done1, label %slow
fast.done1:
  %v232 = phi <2 x float> [ %v188, %fast.done0 ], [ %v212, %fast.run1 ]
  %v233 = phi <2 x float> [ %v189, %fast.done0 ], [ %v198, %fast.run1 ]
  %v234 = phi <2 x float> [ %v190, %fast.done0 ], [ %v200, %fast.run1 ]
  %v235 = phi <2 x float> [ <float 0x0000000000000000, float 0x0000000000000000>, %fast.done0 ], [ %v221, %fast.run1 ]
  %v236 = phi <2 x float> [ <float 0x0000000000000000, float 0x0000000000000000>, %fast.done0 ], [ %v222, %fast.run1 ]
  %v237 = phi <2 x i32> [ <i32 0, i32 0>, %fast.done0 ], [ %v230, %fast.run1 ]
  %v238 = phi <2 x float> [ <float 0x7FF8000000000000, float 0x7FF8000000000000>, %fast.done0 ], [ %v225, %fast.run1 ]
  %v239 = phi <2 x float> [ <float 0x7FF8000000000000, float 0x7FF8000000000000>, %fast.done0 ], [ %v228, %fast.run1 ]
  br label %tail
slow:
  %v240 = select i1 %v128, i64 %v126, i64 -1
  %v241 = getelementptr i8, ptr %v113, i64 0
  store i64 %v240, ptr %v241
  %v242 = getelementptr i8, ptr %v113, i64 8
  store float %v111, ptr %v242
  %v243 = getelementptr float, ptr %v114, i64 0
  store <2 x float> %c2, ptr %v243, align 4
  br i1 %v147, label %remember, label %remembered
remember:
  %v244 = getelementptr i8, ptr %v113, i64 16
  store i64 %v240, ptr %v244
  %v245 = getelementptr i8, ptr %v113, i64 24
  store float %v111, ptr %v245
  %v246 = getelementptr float, ptr %v114, i64 2
  store <2 x float> %c1, ptr %v246, align 4
  %v247 = getelementptr float, ptr %v114, i64 4
  store <2 x float> %c2, ptr %v247, align 4
  br label %remembered
remembered:
  %v248 = fcmp ogt <2 x float> %v94, <float 0x0000000000000000, float 0x0000000000000000>
  %v249 = call i1 @llvm.vector.reduce.or.v2i1(<2 x i1> %v248)
  br i1 %v249, label %run0, label %done0
run0:
  %v250 = fmul <2 x float> %c1, <float 0x3FE0000000000000, float 0x3FE0000000000000>
  %v251 = fadd <2 x float> %v94, %v250
  %v252 = fmul <2 x float> %c2, <float 0x3FD0000000000000, float 0x3FD0000000000000>
  %v253 = fadd <2 x float> %v252, %v36
  %v254 = fmul <2 x float> <float 0x3FE0000000000000, float 0x3FE0000000000000>, %v251
  %v255 = fadd <2 x float> %v94, %v254
  %v256 = fmul <2 x float> <float 0x3FD0000000000000, float 0x3FD0000000000000>, %v253
  %v257 = fadd <2 x float> %v36, %v256
  %v258 = fmul <2 x float> <float 0x3FE0000000000000, float 0x3FE0000000000000>, %v255
  %v259 = fadd <2 x float> %v94, %v258
  %v260 = fmul <2 x float> <float 0x3FD0000000000000, float 0x3FD0000000000000>, %v257
  %v261 = fadd <2 x float> %v36, %v260
  %v262 = fmul <2 x float> <float 0x3FE0000000000000, float 0x3FE0000000000000>, %v259
  %v263 = fadd <2 x float> %v94, %v262
  %v264 = fmul <2 x float> <float 0x3FD0000000000000, float 0x3FD0000000000000>, %v261
  %v265 = fadd <2 x float> %v36, %v264
  %v266 = fmul <2 x float> <float 0x3FE0000000000000, float 0x3FE0000000000000>, %v263
  %v267 = fadd <2 x float> %v94, %v266
  %v268 = fmul <2 x float> <float 0x3FD0000000000000, float 0x3FD0000000000000>, %v265
  %v269 = fadd <2 x float> %v36, %v268
  %v270 = fmul <2 x float> <float 0x3FE0000000000000, float 0x3FE0000000000000>, %v267
  %v271 = fadd <2 x float> %v94, %v270
  %v272 = fmul <2 x float> <float 0x3FD0000000000000, float 0x3FD0000000000000>, %v269
  %v273 = fadd <2 x float> %v36, %v272
  %v274 = fmul <2 x float> <float 0x3FE0000000000000, float 0x3FE0000000000000>, %v271
  %v275 = fadd <2 x float> %v94, %v274
  %v276 = fmul <2 x float> <float 0x3FD0000000000000, float 0x3FD0000000000000>, %v273
  %v277 = fadd <2 x float> %v36, %v276
  %v278 = fmul <2 x float> <float 0x3FE0000000000000, float 0x3FE0000000000000>, %v275
  %v279 = fadd <2 x float> %v94, %v278
  %v280 = fmul <2 x float> <float 0x3FD0000000000000, float 0x3FD0000000000000>, %v277
  %v281 = fadd <2 x float> %v36, %v280
  %v282 = fmul <2 x float> <float 0x3FE0000000000000, float 0x3FE0000000000000>, %v279
  %v283 = fadd <2 x float> %v94, %v282
  %v284 = fmul <2 x float> <float 0x3FD0000000000000, float 0x3FD0000000000000>, %v281
  %v285 = fadd <2 x float> %v36, %v284
  %v286 = fmul <2 x float> %v94, %v285
  %v287 = fadd <2 x float> %c0, %v286
  %v288 = fcmp olt <2 x float> %v283, <float 0x4049000000000000, float 0x4049000000000000>
  %v289 = fcmp olt <2 x float> %c0, <float 0x41CDCD6500000000, float 0x41CDCD6500000000>
  %v290 = and <2 x i1> %v288, %v289
  br i1 %v147, label %save0, label %saved0
save0:
  %v291 = getelementptr float, ptr %v114, i64 6
  store <2 x float> %v283, ptr %v291, align 4
  %v292 = getelementptr float, ptr %v114, i64 8
  store <2 x float> %v285, ptr %v292, align 4
  %v293 = getelementptr float, ptr %v114, i64 10
  store <2 x float> %v286, ptr %v293, align 4
  %v294 = select <2 x i1> %v288, <2 x float> <float 0x3FF0000000000000, float 0x3FF0000000000000>, <2 x float> <float 0x0000000000000000, float 0x0000000000000000>
  %v295 = getelementptr float, ptr %v114, i64 12
  store <2 x float> %v294, ptr %v295, align 4
  br label %saved0
saved0:
  %v296 = and <2 x i1> %v248, %v290
  %v297 = call i1 @llvm.vector.reduce.and.v2i1(<2 x i1> %v296)
  br i1 %v297, label %done0, label %merge0
merge0:
  %v298 = getelementptr i8, ptr %v113, i64 0
  store i64 -1, ptr %v298
  %v299 = getelementptr i8, ptr %v113, i64 16
  store i64 -1, ptr %v299
  %v300 = select <2 x i1> %v296, <2 x float> %v287, <2 x float> %c0
  %v301 = select <2 x i1> %v296, <2 x float> %v283, <2 x float> %c1
  %v302 = select <2 x i1> %v296, <2 x float> %v285, <2 x float> %c2
  %v303 = select <2 x i1> %v296, <2 x float> <float 0x0000000000000000, float 0x0000000000000000>, <2 x float> <float 0x0000000000000000, float 0x0000000000000000>
  %v304 = select <2 x i1> %v296, <2 x float> <float 0x0000000000000000, float 0x0000000000000000>, <2 x float> <float 0x0000000000000000, float 0x0000000000000000>
  br label %done0
done0:
  %v305 = phi <2 x float> [ %c0, %remembered ], [ %v287, %saved0 ], [ %v300, %merge0 ]
  %v306 = phi <2 x float> [ %c1, %remembered ], [ %v283, %saved0 ], [ %v301, %merge0 ]
  %v307 = phi <2 x float> [ %c2, %remembered ], [ %v285, %saved0 ], [ %v302, %merge0 ]
  %v308 = phi <2 x float> [ <float 0x0000000000000000, float 0x0000000000000000>, %remembered ], [ <float 0x0000000000000000, float 0x0000000000000000>, %saved0 ], [ %v303, %merge0 ]
  %v309 = phi <2 x float> [ <float 0x0000000000000000, float 0x0000000000000000>, %remembered ], [ <float 0x0000000000000000, float 0x0000000000000000>, %saved0 ], [ %v304, %merge0 ]
  %v310 = fcmp ord <2 x float> %v102, %v102
  %v311 = fcmp ord <2 x float> %v109, %v109
  %v312 = or <2 x i1> %v310, %v311
  %v313 = call i1 @llvm.vector.reduce.or.v2i1(<2 x i1> %v312)
  br i1 %v313, label %run1, label %done1
run1:
  %v314 = fcmp oeq <2 x float> %v102, %v102
  %v315 = fcmp oeq <2 x float> %v109, %v109
  %v316 = fadd <2 x float> %v306, %v307
  %v317 = fdiv <2 x float> %v306, %v316
  %v318 = select <2 x i1> %v314, <2 x float> %v317, <2 x float> <float 0x0000000000000000, float 0x0000000000000000>
  %v319 = select <2 x i1> %v315, <2 x float> <float 0x3FC0000000000000, float 0x3FC0000000000000>, <2 x float> <float 0x0000000000000000, float 0x0000000000000000>
  %v320 = fadd <2 x float> %v318, %v319
  %v321 = fsub <2 x float> %v102, %v305
  %v322 = select <2 x i1> %v314, <2 x float> %v321, <2 x float> <float 0x0000000000000000, float 0x0000000000000000>
  %v323 = fmul <2 x float> %v306, %v320
  %v324 = fsub <2 x float> %v307, %v323
  %v325 = fmul <2 x float> %v320, %v322
  %v326 = fadd <2 x float> %v305, %v325
  %v327 = fmul <2 x float> %v306, <float 0x3FE8000000000000, float 0x3FE8000000000000>
  %v328 = fcmp olt <2 x float> <float 0x3FE0000000000000, float 0x3FE0000000000000>, %v324
  %v329 = select <2 x i1> %v328, <2 x float> %v324, <2 x float> %v307
  %v330 = fcmp olt <2 x float> %v322, <float 0x41CDCD6500000000, float 0x41CDCD6500000000>
  %v331 = fcmp olt <2 x float> %v324, <float 0x404E000000000000, float 0x404E000000000000>
  %v332 = and <2 x i1> %v330, %v331
  %v333 = fmul <2 x float> %v322, %v322
  %v334 = fcmp une <2 x float> %v109, %v109
  %v335 = xor <2 x i1> %v314, <i1 true, i1 true>
  %v336 = or <2 x i1> %v334, %v335
  br i1 %v147, label %save1, label %saved1
save1:
  %v337 = getelementptr float, ptr %v114, i64 14
  store <2 x float> %v320, ptr %v337, align 4
  %v338 = getelementptr float, ptr %v114, i64 16
  store <2 x float> %v327, ptr %v338, align 4
  %v339 = getelementptr float, ptr %v114, i64 18
  store <2 x float> %v329, ptr %v339, align 4
  %v340 = select <2 x i1> %v331, <2 x float> <float 0x3FF0000000000000, float 0x3FF0000000000000>, <2 x float> <float 0x0000000000000000, float 0x0000000000000000>
  %v341 = getelementptr float, ptr %v114, i64 20
  store <2 x float> %v340, ptr %v341, align 4
  %v342 = select <2 x i1> %v336, <2 x float> <float 0x3FF0000000000000, float 0x3FF0000000000000>, <2 x float> <float 0x0000000000000000, float 0x0000000000000000>
  %v343 = getelementptr float, ptr %v114, i64 22
  store <2 x float> %v342, ptr %v343, align 4
  br label %saved1
saved1:
  %v344 = and <2 x i1> %v312, %v332
  %v345 = and <2 x i1> %v312, %v336
  %v346 = select <2 x i1> %v345, <2 x i32> <i32 2, i32 2>, <2 x i32> <i32 0, i32 0>
  %v347 = or <2 x i32> <i32 0, i32 0>, %v346
  %v348 = fadd <2 x float> %v308, %v333
  %v349 = fadd <2 x float> %v309, %v325
  %v350 = select <2 x i1> %v344, <2 x float> %v322, <2 x float> <float 0x7FF8000000000000, float 0x7FF8000000000000>
  %v351 = fcmp uno <2 x float> %v350, %v350
  %v352 = select <2 x i1> %v351, <2 x float> <float 0x7FF8000000000000, float 0x7FF8000000000000>, <2 x float> %v350
  %v353 = select <2 x i1> %v344, <2 x float> %v320, <2 x float> <float 0x7FF8000000000000, float 0x7FF8000000000000>
  %v354 = fcmp uno <2 x float> %v353, %v353
  %v355 = select <2 x i1> %v354, <2 x float> <float 0x7FF8000000000000, float 0x7FF8000000000000>, <2 x float> %v353
  %v356 = select <2 x i1> <i1 true, i1 true>, <2 x i32> <i32 1, i32 1>, <2 x i32> <i32 0, i32 0>
  %v357 = or <2 x i32> %v347, %v356
  %v358 = call i1 @llvm.vector.reduce.and.v2i1(<2 x i1> %v344)
  br i1 %v358, label %done1, label %merge1
merge1:
  %v359 = getelementptr i8, ptr %v113, i64 0
  store i64 -1, ptr %v359
  %v360 = getelementptr i8, ptr %v113, i64 16
  store i64 -1, ptr %v360
  %v361 = select <2 x i1> %v344, <2 x float> %v326, <2 x float> %v305
  %v362 = select <2 x i1> %v344, <2 x float> %v327, <2 x float> %v306
  %v363 = select <2 x i1> %v344, <2 x float> %v329, <2 x float> %v307
  %v364 = select <2 x i1> %v344, <2 x float> %v348, <2 x float> %v308
  %v365 = select <2 x i1> %v344, <2 x float> %v349, <2 x float> %v309
  %v366 = select <2 x i1> %v344, <2 x i32> <i32 1, i32 1>, <2 x i32> <i32 0, i32 0>
  %v367 = or <2 x i32> %v347, %v366
  br label %done1
done1:
  %v368 = phi <2 x float> [ %v305, %done0 ], [ %v326, %saved1 ], [ %v361, %merge1 ]
  %v369 = phi <2 x float> [ %v306, %done0 ], [ %v327, %saved1 ], [ %v362, %merge1 ]
  %v370 = phi <2 x float> [ %v307, %done0 ], [ %v329, %saved1 ], [ %v363, %merge1 ]
  %v371 = phi <2 x float> [ %v308, %done0 ], [ %v348, %saved1 ], [ %v364, %merge1 ]
  %v372 = phi <2 x float> [ %v309, %done0 ], [ %v349, %saved1 ], [ %v365, %merge1 ]
  %v373 = phi <2 x i32> [ <i32 0, i32 0>, %done0 ], [ %v357, %saved1 ], [ %v367, %merge1 ]
  %v374 = phi <2 x float> [ <float 0x7FF8000000000000, float 0x7FF8000000000000>, %done0 ], [ %v352, %saved1 ], [ %v352, %merge1 ]
  %v375 = phi <2 x float> [ <float 0x7FF8000000000000, float 0x7FF8000000000000>, %done0 ], [ %v355, %saved1 ], [ %v355, %merge1 ]
  br label %tail
tail:
  %v376 = phi <2 x float> [ %v232, %fast.done1 ], [ %v368, %done1 ]
  %v377 = phi <2 x float> [ %v233, %fast.done1 ], [ %v369, %done1 ]
  %v378 = phi <2 x float> [ %v234, %fast.done1 ], [ %v370, %done1 ]
  %v379 = phi <2 x float> [ %v235, %fast.done1 ], [ %v371, %done1 ]
  %v380 = phi <2 x float> [ %v236, %fast.done1 ], [ %v372, %done1 ]
  %v381 = phi <2 x i32> [ %v237, %fast.done1 ], [ %v373, %done1 ]
  %v382 = phi <2 x float> [ %v238, %fast.done1 ], [ %v374, %done1 ]
  %v383 = phi <2 x float> [ %v239, %fast.done1 ], [ %v375, %done1 ]
  %v384 = and <2 x i32> %v381, <i32 4865, i32 4865>
  %v385 = icmp ne <2 x i32> %v384, <i32 0, i32 0>
  %v386 = select <2 x i1> %v385, <2 x i32> <i32 0, i32 0>, <2 x i32> <i32 4, i32 4>
  %v387 = or <2 x i32> %v381, %v386
  %v388 = and <2 x i32> %v387, <i32 1, i32 1>
  %v389 = icmp ne <2 x i32> %v388, <i32 0, i32 0>
  %v390 = select <2 x i1> %v389, <2 x float> %v379, <2 x float> <float 0x7FF8000000000000, float 0x7FF8000000000000>
  %v391 = uitofp <2 x i32> %v387 to <2 x float>
  %v392 = mul i64 %k, 8
  %v393 = add i64 %v392, 32
  %v394 = getelementptr float, ptr %v87, i64 %v393
  %v395 = getelementptr i8, ptr %v394, i64 0
  call void @llvm.prefetch.p0(ptr %v395, i32 1, i32 3, i32 1)
  %v396 = getelementptr float, ptr %v89, i64 %v393
  %v397 = getelementptr i8, ptr %v396, i64 0
  call void @llvm.prefetch.p0(ptr %v397, i32 1, i32 3, i32 1)
  %v398 = add i64 %v392, 0
  %v399 = shufflevector <2 x float> %v376, <2 x float> %v377, <2 x i32> <i32 0, i32 2>
  %v400 = shufflevector <2 x float> %v376, <2 x float> %v377, <2 x i32> <i32 1, i32 3>
  %v401 = getelementptr float, ptr %v87, i64 %v398
  store <2 x float> %v399, ptr %v401, align 4
  %v402 = getelementptr float, ptr %v89, i64 %v398
  store <2 x float> %v400, ptr %v402, align 4
  %v403 = add i64 %v392, 2
  %v404 = shufflevector <2 x float> %v378, <2 x float> %v382, <2 x i32> <i32 0, i32 2>
  %v405 = shufflevector <2 x float> %v378, <2 x float> %v382, <2 x i32> <i32 1, i32 3>
  %v406 = getelementptr float, ptr %v87, i64 %v403
  store <2 x float> %v404, ptr %v406, align 4
  %v407 = getelementptr float, ptr %v89, i64 %v403
  store <2 x float> %v405, ptr %v407, align 4
  %v408 = add i64 %v392, 4
  %v409 = shufflevector <2 x float> %v383, <2 x float> %v390, <2 x i32> <i32 0, i32 2>
  %v410 = shufflevector <2 x float> %v383, <2 x float> %v390, <2 x i32> <i32 1, i32 3>
  %v411 = getelementptr float, ptr %v87, i64 %v408
  store <2 x float> %v409, ptr %v411, align 4
  %v412 = getelementptr float, ptr %v89, i64 %v408
  store <2 x float> %v410, ptr %v412, align 4
  %v413 = add i64 %v392, 6
  %v414 = shufflevector <2 x float> %v380, <2 x float> %v391, <2 x i32> <i32 0, i32 2>
  %v415 = shufflevector <2 x float> %v380, <2 x float> %v391, <2 x i32> <i32 1, i32 3>
  %v416 = getelementptr float, ptr %v87, i64 %v413
  store <2 x float> %v414, ptr %v416, align 4
  %v417 = getelementptr float, ptr %v89, i64 %v413
  store <2 x float> %v415, ptr %v417, align 4
  %v418 = fadd <2 x float> %total, %v380
  br label %row.done
row.done:
  %c0.next = phi <2 x float> [ %v376, %tail ]
  %c1.next = phi <2 x float> [ %v377, %tail ]
  %c2.next = phi <2 x float> [ %v378, %tail ]
  %total.next = phi <2 x float> [ %v418, %tail ]
  %seen.next = or <2 x i32> %seen, %v387
  %k.next = add i64 %k, 1
  %v419 = add i64 %slot, 1
  %v420 = icmp eq i64 %v419, %v32
  %slot.next = select i1 %v420, i64 0, i64 %v419
  %v421 = icmp slt i64 %k.next, %v4
  br i1 %v421, label %row, label %track.done
track.done:
  %v422 = phi <2 x float> [ %v52, %track ], [ %c0.next, %row.done ]
  %v423 = phi <2 x float> [ %v58, %track ], [ %c1.next, %row.done ]
  %v424 = phi <2 x float> [ %v64, %track ], [ %c2.next, %row.done ]
  %v425 = phi <2 x float> [ %v70, %track ], [ %total.next, %row.done ]
  %v426 = phi <2 x i32> [ %v77, %track ], [ %seen.next, %row.done ]
  %v427 = uitofp <2 x i32> %v426 to <2 x float>
  %v428 = mul i64 %v41, 5
  %v429 = getelementptr float, ptr %v24, i64 %v428
  %v430 = mul i64 %v42, 5
  %v431 = getelementptr float, ptr %v24, i64 %v430
  %v432 = extractelement <2 x float> %v422, i64 0
  %v433 = getelementptr float, ptr %v429, i64 0
  store float %v432, ptr %v433
  %v434 = extractelement <2 x float> %v422, i64 1
  %v435 = getelementptr float, ptr %v431, i64 0
  store float %v434, ptr %v435
  %v436 = extractelement <2 x float> %v423, i64 0
  %v437 = getelementptr float, ptr %v429, i64 1
  store float %v436, ptr %v437
  %v438 = extractelement <2 x float> %v423, i64 1
  %v439 = getelementptr float, ptr %v431, i64 1
  store float %v438, ptr %v439
  %v440 = extractelement <2 x float> %v424, i64 0
  %v441 = getelementptr float, ptr %v429, i64 2
  store float %v440, ptr %v441
  %v442 = extractelement <2 x float> %v424, i64 1
  %v443 = getelementptr float, ptr %v431, i64 2
  store float %v442, ptr %v443
  %v444 = extractelement <2 x float> %v425, i64 0
  %v445 = getelementptr float, ptr %v429, i64 3
  store float %v444, ptr %v445
  %v446 = extractelement <2 x float> %v425, i64 1
  %v447 = getelementptr float, ptr %v431, i64 3
  store float %v446, ptr %v447
  %v448 = extractelement <2 x float> %v427, i64 0
  %v449 = getelementptr float, ptr %v429, i64 4
  store float %v448, ptr %v449
  %v450 = extractelement <2 x float> %v427, i64 1
  %v451 = getelementptr float, ptr %v431, i64 4
  store float %v450, ptr %v451
  br label %track.next
track.next:
  %block.next = add i64 %block, 2
  %v452 = icmp slt i64 %block.next, %v2
  br i1 %v452, label %track, label %end
end:
  ret void
}
attributes #0 = { nounwind "prefer-vector-width"="64" "min-legal-vector-width"="64" }
