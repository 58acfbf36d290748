declare <2 x float> @llvm.sqrt.v2f32(<2 x float>)
declare <2 x float> @llvm.floor.v2f32(<2 x float>)
declare <2 x float> @llvm.rint.v2f32(<2 x float>)
declare <2 x float> @llvm.fabs.v2f32(<2 x float>)
declare <2 x float> @llvm.copysign.v2f32(<2 x float>, <2 x float>)
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
  %v95 = mul i64 %k, 0
  %v96 = mul i64 %k, 2
  %v97 = add i64 %v96, 0
  %v98 = getelementptr float, ptr %v83, i64 %v97
  %v99 = load float, ptr %v98
  %v100 = insertelement <2 x float> poison, float %v99, i64 0
  %v101 = getelementptr float, ptr %v85, i64 %v97
  %v102 = load float, ptr %v101
  %v103 = insertelement <2 x float> %v100, float %v102, i64 1
  %v104 = add i64 %v96, 1
  %v105 = getelementptr float, ptr %v83, i64 %v104
  %v106 = load float, ptr %v105
  %v107 = insertelement <2 x float> poison, float %v106, i64 0
  %v108 = getelementptr float, ptr %v85, i64 %v104
  %v109 = load float, ptr %v108
  %v110 = insertelement <2 x float> %v107, float %v109, i64 1
  %v111 = getelementptr float, ptr %v6, i64 %k
  %v112 = load float, ptr %v111
  %v113 = mul i64 %slot, 128
  %v114 = getelementptr i8, ptr %v30, i64 %v113
  %v115 = getelementptr i8, ptr %v114, i64 32
  %v116 = fcmp ord <2 x float> %v103, %v103
  %v117 = call i1 @llvm.vector.reduce.or.v2i1(<2 x i1> %v116)
  %v118 = call i1 @llvm.vector.reduce.and.v2i1(<2 x i1> %v116)
  %v119 = select i1 %v117, i64 1, i64 0
  %v120 = or i64 0, %v119
  %v121 = icmp eq i1 %v117, %v118
  %v122 = and i1 true, %v121
  %v123 = fcmp ord <2 x float> %v110, %v110
  %v124 = call i1 @llvm.vector.reduce.or.v2i1(<2 x i1> %v123)
  %v125 = call i1 @llvm.vector.reduce.and.v2i1(<2 x i1> %v123)
  %v126 = select i1 %v124, i64 2, i64 0
  %v127 = or i64 %v120, %v126
  %v128 = icmp eq i1 %v124, %v125
  %v129 = and i1 %v122, %v128
  %v130 = getelementptr float, ptr %v115, i64 0
  %v131 = load <2 x float>, ptr %v130, align 4
  %v132 = bitcast <2 x float> %c1 to <2 x i32>
  %v133 = bitcast <2 x float> %v131 to <2 x i32>
  %v134 = xor <2 x i32> %v132, %v133
  %v135 = or <2 x i32> <i32 0, i32 0>, %v134
  %v136 = icmp eq <2 x i32> %v135, <i32 0, i32 0>
  %v137 = call i1 @llvm.vector.reduce.and.v2i1(<2 x i1> %v136)
  %v138 = getelementptr i8, ptr %v114, i64 0
  %v139 = load i64, ptr %v138
  %v140 = getelementptr i8, ptr %v114, i64 8
  %v141 = load float, ptr %v140
  %v142 = bitcast float %v141 to i32
  %v143 = bitcast float %v112 to i32
  %v144 = icmp eq i32 %v142, %v143
  %v145 = icmp eq i64 %v139, %v127
  %v146 = and i1 %v145, %v144
  %v147 = and i1 %v146, %v137
  %v148 = and i1 %v129, %v147
  br i1 %v148, label %compare, label %slow
compare:
  %v149 = getelementptr float, ptr %v115, i64 2
  %v150 = load <2 x float>, ptr %v149, align 4
  %v151 = getelementptr float, ptr %v115, i64 4
  %v152 = load <2 x float>, ptr %v151, align 4
  %v153 = bitcast <2 x float> %c1 to <2 x i32>
  %v154 = bitcast <2 x float> %v150 to <2 x i32>
  %v155 = xor <2 x i32> %v153, %v154
  %v156 = or <2 x i32> <i32 0, i32 0>, %v155
  %v157 = bitcast <2 x float> %c2 to <2 x i32>
  %v158 = bitcast <2 x float> %v152 to <2 x i32>
  %v159 = xor <2 x i32> %v157, %v158
  %v160 = or <2 x i32> %v156, %v159
  %v161 = icmp eq <2 x i32> %v160, <i32 0, i32 0>
  %v162 = call i1 @llvm.vector.reduce.and.v2i1(<2 x i1> %v161)
  %v163 = getelementptr i8, ptr %v114, i64 16
  %v164 = load i64, ptr %v163
  %v165 = getelementptr i8, ptr %v114, i64 24
  %v166 = load float, ptr %v165
  %v167 = bitcast float %v166 to i32
  %v168 = bitcast float %v112 to i32
  %v169 = icmp eq i32 %v167, %v168
  %v170 = icmp eq i64 %v164, %v127
  %v171 = and i1 %v170, %v169
  %v172 = and i1 %v171, %v162
  br i1 %v172, label %fast, label %slow
fast:
  %v173 = fcmp ogt <2 x float> %v94, <float 0x0000000000000000, float 0x0000000000000000>
  %v174 = call i1 @llvm.vector.reduce.or.v2i1(<2 x i1> %v173)
  br i1 %v174, label %fast.run0, label %fast.done0
fast.run0:
  %v175 = getelementptr float, ptr %v115, i64 6
  %v176 = load <2 x float>, ptr %v175, align 4
  %v177 = getelementptr float, ptr %v115, i64 8
  %v178 = load <2 x float>, ptr %v177, align 4
  %v179 = getelementptr float, ptr %v115, i64 10
  %v180 = load <2 x float>, ptr %v179, align 4
  %v181 = getelementptr float, ptr %v115, i64 12
  %v182 = load <2 x float>, ptr %v181, align 4
  %v183 = fcmp one <2 x float> %v182, <float 0x0000000000000000, float 0x0000000000000000>
  %v184 = fadd <2 x float> %c0, %v180
  %v185 = fcmp olt <2 x float> %c0, <float 0x41CDCD6500000000, float 0x41CDCD6500000000>
  %v186 = and <2 x i1> %v183, %v185
  %v187 = and <2 x i1> %v173, %v186
  %v188 = call i1 @llvm.vector.reduce.and.v2i1(<2 x i1> %v187)
  br i1 %v188, label %fast.done0, label %slow
fast.done0:
  %v189 = phi <2 x float> [ %c0, %fast ], [ %v184, %fast.run0 ]
  %v190 = phi <2 x float> [ %c1, %fast ], [ %v176, %fast.run0 ]
  %v191 = phi <2 x float> [ %c2, %fast ], [ %v178, %fast.run0 ]
  %v192 = fcmp ord <2 x float> %v103, %v103
  %v193 = fcmp ord <2 x float> %v110, %v110
  %v194 = or <2 x i1> %v192, %v193
  %v195 = call i1 @llvm.vector.reduce.or.v2i1(<2 x i1> %v194)
  br i1 %v195, label %fast.run1, label %fast.done1
fast.run1:
  %v196 = getelementptr float, ptr %v115, i64 14
  %v197 = load <2 x float>, ptr %v196, align 4
  %v198 = getelementptr float, ptr %v115, i64 16
  %v199 = load <2 x float>, ptr %v198, align 4
  %v200 = getelementptr float, ptr %v115, i64 18
  %v201 = load <2 x float>, ptr %v200, align 4
  %v202 = getelementptr float, ptr %v115, i64 20
  %v203 = load <2 x float>, ptr %v202, align 4
  %v204 = fcmp one <2 x float> %v203, <float 0x0000000000000000, float 0x0000000000000000>
  %v205 = getelementptr float, ptr %v115, i64 22
  %v206 = load <2 x float>, ptr %v205, align 4
  %v207 = fcmp one <2 x float> %v206, <float 0x0000000000000000, float 0x0000000000000000>
  %v208 = fcmp oeq <2 x float> %v103, %v103
  %v209 = fcmp oeq <2 x float> %v110, %v110
  %v210 = fsub <2 x float> %v103, %v189
  %v211 = select <2 x i1> %v208, <2 x float> %v210, <2 x float> <float 0x0000000000000000, float 0x0000000000000000>
  %v212 = fmul <2 x float> %v197, %v211
  %v213 = fadd <2 x float> %v189, %v212
  %v214 = fcmp olt <2 x float> %v211, <float 0x41CDCD6500000000, float 0x41CDCD6500000000>
  %v215 = and <2 x i1> %v214, %v204
  %v216 = fmul <2 x float> %v211, %v211
  %v217 = fcmp une <2 x float> %v110, %v110
  %v218 = and <2 x i1> %v194, %v215
  %v219 = and <2 x i1> %v194, %v207
  %v220 = select <2 x i1> %v219, <2 x i32> <i32 2, i32 2>, <2 x i32> <i32 0, i32 0>
  %v221 = or <2 x i32> <i32 0, i32 0>, %v220
  %v222 = fadd <2 x float> <float 0x0000000000000000, float 0x0000000000000000>, %v216
  %v223 = fadd <2 x float> <float 0x0000000000000000, float 0x0000000000000000>, %v212
  %v224 = select <2 x i1> %v218, <2 x float> %v211, <2 x float> <float 0x7FF8000000000000, float 0x7FF8000000000000>
  %v225 = fcmp uno <2 x float> %v224, %v224
  %v226 = select <2 x i1> %v225, <2 x float> <float 0x7FF8000000000000, float 0x7FF8000000000000>, <2 x float> %v224
  %v227 = select <2 x i1> %v218, <2 x float> %v197, <2 x float> <float 0x7FF8000000000000, float 0x7FF8000000000000>
  %v228 = fcmp uno <2 x float> %v227, %v227
  %v229 = select <2 x i1> %v228, <2 x float> <float 0x7FF8000000000000, float 0x7FF8000000000000>, <2 x float> %v227
  %v230 = select <2 x i1> <i1 true, i1 true>, <2 x i32> <i32 1, i32 1>, <2 x i32> <i32 0, i32 0>
  %v231 = or <2 x i32> %v221, %v230
  %v232 = call i1 @llvm.vector.reduce.and.v2i1(<2 x i1> %v218)
  br i1 %v232, label %fast.done1, label %slow
fast.done1:
  %v233 = phi <2 x float> [ %v189, %fast.done0 ], [ %v213, %fast.run1 ]
  %v234 = phi <2 x float> [ %v190, %fast.done0 ], [ %v199, %fast.run1 ]
  %v235 = phi <2 x float> [ %v191, %fast.done0 ], [ %v201, %fast.run1 ]
  %v236 = phi <2 x float> [ <float 0x0000000000000000, float 0x0000000000000000>, %fast.done0 ], [ %v222, %fast.run1 ]
  %v237 = phi <2 x float> [ <float 0x0000000000000000, float 0x0000000000000000>, %fast.done0 ], [ %v223, %fast.run1 ]
  %v238 = phi <2 x i32> [ <i32 0, i32 0>, %fast.done0 ], [ %v231, %fast.run1 ]
  %v239 = phi <2 x float> [ <float 0x7FF8000000000000, float 0x7FF8000000000000>, %fast.done0 ], [ %v226, %fast.run1 ]
  %v240 = phi <2 x float> [ <float 0x7FF8000000000000, float 0x7FF8000000000000>, %fast.done0 ], [ %v229, %fast.run1 ]
  br label %tail
slow:
  %v241 = fcmp ogt <2 x float> %v94, <float 0x0000000000000000, float 0x0000000000000000>
  %v242 = call i1 @llvm.vector.reduce.or.v2i1(<2 x i1> %v241)
  br i1 %v242, label %run0, label %done0
run0:
  %v243 = fmul <2 x float> %c1, <float 0x3FE0000000000000, float 0x3FE0000000000000>
  %v244 = fadd <2 x float> %v94, %v243
  %v245 = fmul <2 x float> %c2, <float 0x3FD0000000000000, float 0x3FD0000000000000>
  %v246 = fadd <2 x float> %v245, %v36
  %v247 = fmul <2 x float> <float 0x3FE0000000000000, float 0x3FE0000000000000>, %v244
  %v248 = fadd <2 x float> %v94, %v247
  %v249 = fmul <2 x float> <float 0x3FD0000000000000, float 0x3FD0000000000000>, %v246
  %v250 = fadd <2 x float> %v36, %v249
  %v251 = fmul <2 x float> <float 0x3FE0000000000000, float 0x3FE0000000000000>, %v248
  %v252 = fadd <2 x float> %v94, %v251
  %v253 = fmul <2 x float> <float 0x3FD0000000000000, float 0x3FD0000000000000>, %v250
  %v254 = fadd <2 x float> %v36, %v253
  %v255 = fmul <2 x float> <float 0x3FE0000000000000, float 0x3FE0000000000000>, %v252
  %v256 = fadd <2 x float> %v94, %v255
  %v257 = fmul <2 x float> <float 0x3FD0000000000000, float 0x3FD0000000000000>, %v254
  %v258 = fadd <2 x float> %v36, %v257
  %v259 = fmul <2 x float> <float 0x3FE0000000000000, float 0x3FE0000000000000>, %v256
  %v260 = fadd <2 x float> %v94, %v259
  %v261 = fmul <2 x float> <float 0x3FD0000000000000, float 0x3FD0000000000000>, %v258
  %v262 = fadd <2 x float> %v36, %v261
  %v263 = fmul <2 x float> <float 0x3FE0000000000000, float 0x3FE0000000000000>, %v260
  %v264 = fadd <2 x float> %v94, %v263
  %v265 = fmul <2 x float> <float 0x3FD0000000000000, float 0x3FD0000000000000>, %v262
  %v266 = fadd <2 x float> %v36, %v265
  %v267 = fmul <2 x float> <float 0x3FE0000000000000, float 0x3FE0000000000000>, %v264
  %v268 = fadd <2 x float> %v94, %v267
  %v269 = fmul <2 x float> <float 0x3FD0000000000000, float 0x3FD0000000000000>, %v266
  %v270 = fadd <2 x float> %v36, %v269
  %v271 = fmul <2 x float> <float 0x3FE0000000000000, float 0x3FE0000000000000>, %v268
  %v272 = fadd <2 x float> %v94, %v271
  %v273 = fmul <2 x float> <float 0x3FD0000000000000, float 0x3FD0000000000000>, %v270
  %v274 = fadd <2 x float> %v36, %v273
  %v275 = fmul <2 x float> <float 0x3FE0000000000000, float 0x3FE0000000000000>, %v272
  %v276 = fadd <2 x float> %v94, %v275
  %v277 = fmul <2 x float> <float 0x3FD0000000000000, float 0x3FD0000000000000>, %v274
  %v278 = fadd <2 x float> %v36, %v277
  %v279 = fmul <2 x float> %v94, %v278
  %v280 = fadd <2 x float> %c0, %v279
  %v281 = fcmp olt <2 x float> %v276, <float 0x4049000000000000, float 0x4049000000000000>
  %v282 = fcmp olt <2 x float> %c0, <float 0x41CDCD6500000000, float 0x41CDCD6500000000>
  %v283 = and <2 x i1> %v281, %v282
  br i1 %v148, label %save0, label %saved0
save0:
  %v284 = getelementptr float, ptr %v115, i64 6
  store <2 x float> %v276, ptr %v284, align 4
  %v285 = getelementptr float, ptr %v115, i64 8
  store <2 x float> %v278, ptr %v285, align 4
  %v286 = getelementptr float, ptr %v115, i64 10
  store <2 x float> %v279, ptr %v286, align 4
  %v287 = select <2 x i1> %v281, <2 x float> <float 0x3FF0000000000000, float 0x3FF0000000000000>, <2 x float> <float 0x0000000000000000, float 0x0000000000000000>
  %v288 = getelementptr float, ptr %v115, i64 12
  store <2 x float> %v287, ptr %v288, align 4
  br label %saved0
saved0:
  %v289 = and <2 x i1> %v241, %v283
  %v290 = call i1 @llvm.vector.reduce.and.v2i1(<2 x i1> %v289)
  br i1 %v290, label %done0, label %merge0
merge0:
  %v291 = select <2 x i1> %v289, <2 x float> %v280, <2 x float> %c0
  %v292 = select <2 x i1> %v289, <2 x float> %v276, <2 x float> %c1
  %v293 = select <2 x i1> %v289, <2 x float> %v278, <2 x float> %c2
  %v294 = select <2 x i1> %v289, <2 x float> <float 0x0000000000000000, float 0x0000000000000000>, <2 x float> <float 0x0000000000000000, float 0x0000000000000000>
  %v295 = select <2 x i1> %v289, <2 x float> <float 0x0000000000000000, float 0x0000000000000000>, <2 x float> <float 0x0000000000000000, float 0x0000000000000000>
  br label %done0
done0:
  %v296 = phi <2 x float> [ %c0, %slow ], [ %v280, %saved0 ], [ %v291, %merge0 ]
  %v297 = phi <2 x float> [ %c1, %slow ], [ %v276, %saved0 ], [ %v292, %merge0 ]
  %v298 = phi <2 x float> [ %c2, %slow ], [ %v278, %saved0 ], [ %v293, %merge0 ]
  %v299 = phi <2 x float> [ <float 0x0000000000000000, float 0x0000000000000000>, %slow ], [ <float 0x0000000000000000, float 0x0000000000000000>, %saved0 ], [ %v294, %merge0 ]
  %v300 = phi <2 x float> [ <float 0x0000000000000000, float 0x0000000000000000>, %slow ], [ <float 0x0000000000000000, float 0x0000000000000000>, %saved0 ], [ %v295, %merge0 ]
  %v301 = phi i1 [ true, %slow ], [ true, %saved0 ], [ false, %merge0 ]
  %v302 = fcmp ord <2 x float> %v103, %v103
  %v303 = fcmp ord <2 x float> %v110, %v110
  %v304 = or <2 x i1> %v302, %v303
  %v305 = call i1 @llvm.vector.reduce.or.v2i1(<2 x i1> %v304)
  br i1 %v305, label %run1, label %done1
run1:
  %v306 = fcmp oeq <2 x float> %v103, %v103
  %v307 = fcmp oeq <2 x float> %v110, %v110
  %v308 = fadd <2 x float> %v297, %v298
  %v309 = fdiv <2 x float> %v297, %v308
  %v310 = select <2 x i1> %v306, <2 x float> %v309, <2 x float> <float 0x0000000000000000, float 0x0000000000000000>
  %v311 = select <2 x i1> %v307, <2 x float> <float 0x3FC0000000000000, float 0x3FC0000000000000>, <2 x float> <float 0x0000000000000000, float 0x0000000000000000>
  %v312 = fadd <2 x float> %v310, %v311
  %v313 = fsub <2 x float> %v103, %v296
  %v314 = select <2 x i1> %v306, <2 x float> %v313, <2 x float> <float 0x0000000000000000, float 0x0000000000000000>
  %v315 = fmul <2 x float> %v297, %v312
  %v316 = fsub <2 x float> %v298, %v315
  %v317 = fmul <2 x float> %v312, %v314
  %v318 = fadd <2 x float> %v296, %v317
  %v319 = fmul <2 x float> %v297, <float 0x3FE8000000000000, float 0x3FE8000000000000>
  %v320 = fcmp olt <2 x float> <float 0x3FE0000000000000, float 0x3FE0000000000000>, %v316
  %v321 = select <2 x i1> %v320, <2 x float> %v316, <2 x float> %v298
  %v322 = fcmp olt <2 x float> %v314, <float 0x41CDCD6500000000, float 0x41CDCD6500000000>
  %v323 = fcmp olt <2 x float> %v316, <float 0x404E000000000000, float 0x404E000000000000>
  %v324 = and <2 x i1> %v322, %v323
  %v325 = fmul <2 x float> %v314, %v314
  %v326 = fcmp une <2 x float> %v110, %v110
  %v327 = xor <2 x i1> %v306, <i1 true, i1 true>
  %v328 = or <2 x i1> %v326, %v327
  br i1 %v148, label %save1, label %saved1
save1:
  %v329 = getelementptr float, ptr %v115, i64 14
  store <2 x float> %v312, ptr %v329, align 4
  %v330 = getelementptr float, ptr %v115, i64 16
  store <2 x float> %v319, ptr %v330, align 4
  %v331 = getelementptr float, ptr %v115, i64 18
  store <2 x float> %v321, ptr %v331, align 4
  %v332 = select <2 x i1> %v323, <2 x float> <float 0x3FF0000000000000, float 0x3FF0000000000000>, <2 x float> <float 0x0000000000000000, float 0x0000000000000000>
  %v333 = getelementptr float, ptr %v115, i64 20
  store <2 x float> %v332, ptr %v333, align 4
  %v334 = select <2 x i1> %v328, <2 x float> <float 0x3FF0000000000000, float 0x3FF0000000000000>, <2 x float> <float 0x0000000000000000, float 0x0000000000000000>
  %v335 = getelementptr float, ptr %v115, i64 22
  store <2 x float> %v334, ptr %v335, align 4
  br label %saved1
saved1:
  %v336 = and <2 x i1> %v304, %v324
  %v337 = and <2 x i1> %v304, %v328
  %v338 = select <2 x i1> %v337, <2 x i32> <i32 2, i32 2>, <2 x i32> <i32 0, i32 0>
  %v339 = or <2 x i32> <i32 0, i32 0>, %v338
  %v340 = fadd <2 x float> %v299, %v325
  %v341 = fadd <2 x float> %v300, %v317
  %v342 = select <2 x i1> %v336, <2 x float> %v314, <2 x float> <float 0x7FF8000000000000, float 0x7FF8000000000000>
  %v343 = fcmp uno <2 x float> %v342, %v342
  %v344 = select <2 x i1> %v343, <2 x float> <float 0x7FF8000000000000, float 0x7FF8000000000000>, <2 x float> %v342
  %v345 = select <2 x i1> %v336, <2 x float> %v312, <2 x float> <float 0x7FF8000000000000, float 0x7FF8000000000000>
  %v346 = fcmp uno <2 x float> %v345, %v345
  %v347 = select <2 x i1> %v346, <2 x float> <float 0x7FF8000000000000, float 0x7FF8000000000000>, <2 x float> %v345
  %v348 = select <2 x i1> <i1 true, i1 true>, <2 x i32> <i32 1, i32 1>, <2 x i32> <i32 0, i32 0>
  %v349 = or <2 x i32> %v339, %v348
  %v350 = call i1 @llvm.vector.reduce.and.v2i1(<2 x i1> %v336)
  br i1 %v350, label %done1, label %merge1
merge1:
  %v351 = select <2 x i1> %v336, <2 x float> %v318, <2 x float> %v296
  %v352 = select <2 x i1> %v336, <2 x float> %v319, <2 x float> %v297
  %v353 = select <2 x i1> %v336, <2 x float> %v321, <2 x float> %v298
  %v354 = select <2 x i1> %v336, <2 x float> %v340, <2 x float> %v299
  %v355 = select <2 x i1> %v336, <2 x float> %v341, <2 x float> %v300
  %v356 = select <2 x i1> %v336, <2 x i32> <i32 1, i32 1>, <2 x i32> <i32 0, i32 0>
  %v357 = or <2 x i32> %v339, %v356
  br label %done1
done1:
  %v358 = phi <2 x float> [ %v296, %done0 ], [ %v318, %saved1 ], [ %v351, %merge1 ]
  %v359 = phi <2 x float> [ %v297, %done0 ], [ %v319, %saved1 ], [ %v352, %merge1 ]
  %v360 = phi <2 x float> [ %v298, %done0 ], [ %v321, %saved1 ], [ %v353, %merge1 ]
  %v361 = phi <2 x float> [ %v299, %done0 ], [ %v340, %saved1 ], [ %v354, %merge1 ]
  %v362 = phi <2 x float> [ %v300, %done0 ], [ %v341, %saved1 ], [ %v355, %merge1 ]
  %v363 = phi <2 x i32> [ <i32 0, i32 0>, %done0 ], [ %v349, %saved1 ], [ %v357, %merge1 ]
  %v364 = phi i1 [ %v301, %done0 ], [ %v301, %saved1 ], [ false, %merge1 ]
  %v365 = phi <2 x float> [ <float 0x7FF8000000000000, float 0x7FF8000000000000>, %done0 ], [ %v344, %saved1 ], [ %v344, %merge1 ]
  %v366 = phi <2 x float> [ <float 0x7FF8000000000000, float 0x7FF8000000000000>, %done0 ], [ %v347, %saved1 ], [ %v347, %merge1 ]
  %v367 = and i1 %v364, %v129
  %v368 = select i1 %v367, i64 %v127, i64 -1
  %v369 = getelementptr i8, ptr %v114, i64 0
  store i64 %v368, ptr %v369
  %v370 = getelementptr i8, ptr %v114, i64 8
  store float %v112, ptr %v370
  %v371 = getelementptr float, ptr %v115, i64 0
  store <2 x float> %c1, ptr %v371, align 4
  br i1 %v148, label %save, label %saved
save:
  %v372 = getelementptr i8, ptr %v114, i64 16
  store i64 %v368, ptr %v372
  %v373 = getelementptr i8, ptr %v114, i64 24
  store float %v112, ptr %v373
  %v374 = getelementptr float, ptr %v115, i64 2
  store <2 x float> %c1, ptr %v374, align 4
  %v375 = getelementptr float, ptr %v115, i64 4
  store <2 x float> %c2, ptr %v375, align 4
  br label %saved
saved:
  br label %tail
tail:
  %v376 = phi <2 x float> [ %v233, %fast.done1 ], [ %v358, %saved ]
  %v377 = phi <2 x float> [ %v234, %fast.done1 ], [ %v359, %saved ]
  %v378 = phi <2 x float> [ %v235, %fast.done1 ], [ %v360, %saved ]
  %v379 = phi <2 x float> [ %v236, %fast.done1 ], [ %v361, %saved ]
  %v380 = phi <2 x float> [ %v237, %fast.done1 ], [ %v362, %saved ]
  %v381 = phi <2 x i32> [ %v238, %fast.done1 ], [ %v363, %saved ]
  %v382 = phi i1 [ true, %fast.done1 ], [ %v364, %saved ]
  %v383 = phi <2 x float> [ %v239, %fast.done1 ], [ %v365, %saved ]
  %v384 = phi <2 x float> [ %v240, %fast.done1 ], [ %v366, %saved ]
  %v385 = and <2 x i32> %v381, <i32 4865, i32 4865>
  %v386 = icmp ne <2 x i32> %v385, <i32 0, i32 0>
  %v387 = select <2 x i1> %v386, <2 x i32> <i32 0, i32 0>, <2 x i32> <i32 4, i32 4>
  %v388 = or <2 x i32> %v381, %v387
  %v389 = and <2 x i32> %v388, <i32 1, i32 1>
  %v390 = icmp ne <2 x i32> %v389, <i32 0, i32 0>
  %v391 = select <2 x i1> %v390, <2 x float> %v379, <2 x float> <float 0x7FF8000000000000, float 0x7FF8000000000000>
  %v392 = uitofp <2 x i32> %v388 to <2 x float>
  %v393 = mul i64 %k, 8
  %v394 = add i64 %v393, 32
  %v395 = getelementptr float, ptr %v87, i64 %v394
  %v396 = getelementptr i8, ptr %v395, i64 0
  call void @llvm.prefetch.p0(ptr %v396, i32 1, i32 3, i32 1)
  %v397 = getelementptr float, ptr %v89, i64 %v394
  %v398 = getelementptr i8, ptr %v397, i64 0
  call void @llvm.prefetch.p0(ptr %v398, i32 1, i32 3, i32 1)
  %v399 = add i64 %v393, 0
  %v400 = shufflevector <2 x float> %v376, <2 x float> %v377, <2 x i32> <i32 0, i32 2>
  %v401 = shufflevector <2 x float> %v376, <2 x float> %v377, <2 x i32> <i32 1, i32 3>
  %v402 = getelementptr float, ptr %v87, i64 %v399
  store <2 x float> %v400, ptr %v402, align 4
  %v403 = getelementptr float, ptr %v89, i64 %v399
  store <2 x float> %v401, ptr %v403, align 4
  %v404 = add i64 %v393, 2
  %v405 = shufflevector <2 x float> %v378, <2 x float> %v383, <2 x i32> <i32 0, i32 2>
  %v406 = shufflevector <2 x float> %v378, <2 x float> %v383, <2 x i32> <i32 1, i32 3>
  %v407 = getelementptr float, ptr %v87, i64 %v404
  store <2 x float> %v405, ptr %v407, align 4
  %v408 = getelementptr float, ptr %v89, i64 %v404
  store <2 x float> %v406, ptr %v408, align 4
  %v409 = add i64 %v393, 4
  %v410 = shufflevector <2 x float> %v384, <2 x float> %v391, <2 x i32> <i32 0, i32 2>
  %v411 = shufflevector <2 x float> %v384, <2 x float> %v391, <2 x i32> <i32 1, i32 3>
  %v412 = getelementptr float, ptr %v87, i64 %v409
  store <2 x float> %v410, ptr %v412, align 4
  %v413 = getelementptr float, ptr %v89, i64 %v409
  store <2 x float> %v411, ptr %v413, align 4
  %v414 = add i64 %v393, 6
  %v415 = shufflevector <2 x float> %v380, <2 x float> %v392, <2 x i32> <i32 0, i32 2>
  %v416 = shufflevector <2 x float> %v380, <2 x float> %v392, <2 x i32> <i32 1, i32 3>
  %v417 = getelementptr float, ptr %v87, i64 %v414
  store <2 x float> %v415, ptr %v417, align 4
  %v418 = getelementptr float, ptr %v89, i64 %v414
  store <2 x float> %v416, ptr %v418, align 4
  %v419 = fadd <2 x float> %total, %v380
  br label %row.done
row.done:
  %c0.next = phi <2 x float> [ %v376, %tail ]
  %c1.next = phi <2 x float> [ %v377, %tail ]
  %c2.next = phi <2 x float> [ %v378, %tail ]
  %total.next = phi <2 x float> [ %v419, %tail ]
  %seen.next = or <2 x i32> %seen, %v388
  %k.next = add i64 %k, 1
  %v420 = add i64 %slot, 1
  %v421 = icmp eq i64 %v420, %v32
  %slot.next = select i1 %v421, i64 0, i64 %v420
  %v422 = icmp slt i64 %k.next, %v4
  br i1 %v422, label %row, label %track.done
track.done:
  %v423 = phi <2 x float> [ %v52, %track ], [ %c0.next, %row.done ]
  %v424 = phi <2 x float> [ %v58, %track ], [ %c1.next, %row.done ]
  %v425 = phi <2 x float> [ %v64, %track ], [ %c2.next, %row.done ]
  %v426 = phi <2 x float> [ %v70, %track ], [ %total.next, %row.done ]
  %v427 = phi <2 x i32> [ %v77, %track ], [ %seen.next, %row.done ]
  %v428 = uitofp <2 x i32> %v427 to <2 x float>
  %v429 = mul i64 %v41, 5
  %v430 = getelementptr float, ptr %v24, i64 %v429
  %v431 = mul i64 %v42, 5
  %v432 = getelementptr float, ptr %v24, i64 %v431
  %v433 = extractelement <2 x float> %v423, i64 0
  %v434 = getelementptr float, ptr %v430, i64 0
  store float %v433, ptr %v434
  %v435 = extractelement <2 x float> %v423, i64 1
  %v436 = getelementptr float, ptr %v432, i64 0
  store float %v435, ptr %v436
  %v437 = extractelement <2 x float> %v424, i64 0
  %v438 = getelementptr float, ptr %v430, i64 1
  store float %v437, ptr %v438
  %v439 = extractelement <2 x float> %v424, i64 1
  %v440 = getelementptr float, ptr %v432, i64 1
  store float %v439, ptr %v440
  %v441 = extractelement <2 x float> %v425, i64 0
  %v442 = getelementptr float, ptr %v430, i64 2
  store float %v441, ptr %v442
  %v443 = extractelement <2 x float> %v425, i64 1
  %v444 = getelementptr float, ptr %v432, i64 2
  store float %v443, ptr %v444
  %v445 = extractelement <2 x float> %v426, i64 0
  %v446 = getelementptr float, ptr %v430, i64 3
  store float %v445, ptr %v446
  %v447 = extractelement <2 x float> %v426, i64 1
  %v448 = getelementptr float, ptr %v432, i64 3
  store float %v447, ptr %v448
  %v449 = extractelement <2 x float> %v428, i64 0
  %v450 = getelementptr float, ptr %v430, i64 4
  store float %v449, ptr %v450
  %v451 = extractelement <2 x float> %v428, i64 1
  %v452 = getelementptr float, ptr %v432, i64 4
  store float %v451, ptr %v452
  br label %track.next
track.next:
  %block.next = add i64 %block, 2
  %v453 = icmp slt i64 %block.next, %v2
  br i1 %v453, label %track, label %end
end:
  ret void
}
attributes #0 = { nounwind "prefer-vector-width"="64" "min-legal-vector-width"="64" }
