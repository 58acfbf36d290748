declare <4 x double> @llvm.sqrt.v4f64(<4 x double>)
declare <4 x double> @llvm.floor.v4f64(<4 x double>)
declare <4 x double> @llvm.rint.v4f64(<4 x double>)
declare <4 x double> @llvm.fabs.v4f64(<4 x double>)
declare <4 x double> @llvm.copysign.v4f64(<4 x double>, <4 x double>)
declare i64 @llvm.usub.sat.i64(i64, i64)
declare void @llvm.prefetch.p0(ptr, i32, i32, i32)
declare i1 @llvm.vector.reduce.or.v4i1(<4 x i1>)
declare i1 @llvm.vector.reduce.and.v4i1(<4 x i1>)
declare void @llvm.masked.store.v4f64.p0(<4 x double>, ptr, i32, <4 x i1>)

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
  %v33 = getelementptr double, ptr %v18, i64 1
  %v34 = load double, ptr %v33
  %v35 = insertelement <4 x double> poison, double %v34, i64 0
  %v36 = shufflevector <4 x double> %v35, <4 x double> poison, <4 x i32> zeroinitializer
  %v37 = sub i64 %v2, 4
  %v38 = icmp sge i64 %v37, 0
  br i1 %v38, label %track, label %end
track:
  %block = phi i64 [ 0, %entry ], [ %block.next, %track.next ]
  %v39 = icmp slt i64 %block, %v37
  %v40 = select i1 %v39, i64 %block, i64 %v37
  %v41 = add i64 %v40, 0
  %v42 = add i64 %v40, 1
  %v43 = add i64 %v40, 2
  %v44 = add i64 %v40, 3
  %v45 = mul i64 %v41, %v22
  %v46 = getelementptr double, ptr %v20, i64 %v45
  %v47 = mul i64 %v42, %v22
  %v48 = getelementptr double, ptr %v20, i64 %v47
  %v49 = mul i64 %v43, %v22
  %v50 = getelementptr double, ptr %v20, i64 %v49
  %v51 = mul i64 %v44, %v22
  %v52 = getelementptr double, ptr %v20, i64 %v51
  %v53 = getelementptr double, ptr %v46, i64 0
  %v54 = load double, ptr %v53
  %v55 = insertelement <4 x double> poison, double %v54, i64 0
  %v56 = getelementptr double, ptr %v48, i64 0
  %v57 = load double, ptr %v56
  %v58 = insertelement <4 x double> %v55, double %v57, i64 1
  %v59 = getelementptr double, ptr %v50, i64 0
  %v60 = load double, ptr %v59
  %v61 = insertelement <4 x double> %v58, double %v60, i64 2
  %v62 = getelementptr double, ptr %v52, i64 0
  %v63 = load double, ptr %v62
  %v64 = insertelement <4 x double> %v61, double %v63, i64 3
  %v65 = getelementptr double, ptr %v46, i64 1
  %v66 = load double, ptr %v65
  %v67 = insertelement <4 x double> poison, double %v66, i64 0
  %v68 = getelementptr double, ptr %v48, i64 1
  %v69 = load double, ptr %v68
  %v70 = insertelement <4 x double> %v67, double %v69, i64 1
  %v71 = getelementptr double, ptr %v50, i64 1
  %v72 = load double, ptr %v71
  %v73 = insertelement <4 x double> %v70, double %v72, i64 2
  %v74 = getelementptr double, ptr %v52, i64 1
  %v75 = load double, ptr %v74
  %v76 = insertelement <4 x double> %v73, double %v75, i64 3
  %v77 = getelementptr double, ptr %v46, i64 2
  %v78 = load double, ptr %v77
  %v79 = insertelement <4 x double> poison, double %v78, i64 0
  %v80 = getelementptr double, ptr %v48, i64 2
  %v81 = load double, ptr %v80
  %v82 = insertelement <4 x double> %v79, double %v81, i64 1
  %v83 = getelementptr double, ptr %v50, i64 2
  %v84 = load double, ptr %v83
  %v85 = insertelement <4 x double> %v82, double %v84, i64 2
  %v86 = getelementptr double, ptr %v52, i64 2
  %v87 = load double, ptr %v86
  %v88 = insertelement <4 x double> %v85, double %v87, i64 3
  %v89 = getelementptr double, ptr %v46, i64 3
  %v90 = load double, ptr %v89
  %v91 = insertelement <4 x double> poison, double %v90, i64 0
  %v92 = getelementptr double, ptr %v48, i64 3
  %v93 = load double, ptr %v92
  %v94 = insertelement <4 x double> %v91, double %v93, i64 1
  %v95 = getelementptr double, ptr %v50, i64 3
  %v96 = load double, ptr %v95
  %v97 = insertelement <4 x double> %v94, double %v96, i64 2
  %v98 = getelementptr double, ptr %v52, i64 3
  %v99 = load double, ptr %v98
  %v100 = insertelement <4 x double> %v97, double %v99, i64 3
  %v101 = getelementptr double, ptr %v46, i64 4
  %v102 = load double, ptr %v101
  %v103 = insertelement <4 x double> poison, double %v102, i64 0
  %v104 = getelementptr double, ptr %v48, i64 4
  %v105 = load double, ptr %v104
  %v106 = insertelement <4 x double> %v103, double %v105, i64 1
  %v107 = getelementptr double, ptr %v50, i64 4
  %v108 = load double, ptr %v107
  %v109 = insertelement <4 x double> %v106, double %v108, i64 2
  %v110 = getelementptr double, ptr %v52, i64 4
  %v111 = load double, ptr %v110
  %v112 = insertelement <4 x double> %v109, double %v111, i64 3
  %v113 = fptoui <4 x double> %v112 to <4 x i64>
  %v114 = mul i64 %v41, %v10
  %v115 = getelementptr double, ptr %v8, i64 %v114
  %v116 = mul i64 %v42, %v10
  %v117 = getelementptr double, ptr %v8, i64 %v116
  %v118 = mul i64 %v43, %v10
  %v119 = getelementptr double, ptr %v8, i64 %v118
  %v120 = mul i64 %v44, %v10
  %v121 = getelementptr double, ptr %v8, i64 %v120
  %v122 = mul i64 %v41, %v16
  %v123 = getelementptr double, ptr %v14, i64 %v122
  %v124 = mul i64 %v42, %v16
  %v125 = getelementptr double, ptr %v14, i64 %v124
  %v126 = mul i64 %v43, %v16
  %v127 = getelementptr double, ptr %v14, i64 %v126
  %v128 = mul i64 %v44, %v16
  %v129 = getelementptr double, ptr %v14, i64 %v128
  %v130 = mul i64 %v41, %v28
  %v131 = getelementptr double, ptr %v26, i64 %v130
  %v132 = mul i64 %v42, %v28
  %v133 = getelementptr double, ptr %v26, i64 %v132
  %v134 = mul i64 %v43, %v28
  %v135 = getelementptr double, ptr %v26, i64 %v134
  %v136 = mul i64 %v44, %v28
  %v137 = getelementptr double, ptr %v26, i64 %v136
  %v138 = icmp sgt i64 %v4, 0
  br i1 %v138, label %row, label %track.done
row:
  %k = phi i64 [ 0, %track ], [ %k.next, %row.done ]
  %c0 = phi <4 x double> [ %v64, %track ], [ %c0.next, %row.done ]
  %c1 = phi <4 x double> [ %v76, %track ], [ %c1.next, %row.done ]
  %c2 = phi <4 x double> [ %v88, %track ], [ %c2.next, %row.done ]
  %total = phi <4 x double> [ %v100, %track ], [ %total.next, %row.done ]
  %seen = phi <4 x i64> [ %v113, %track ], [ %seen.next, %row.done ]
  %v139 = getelementptr double, ptr %v6, i64 %k
  %v140 = load double, ptr %v139
  %v141 = insertelement <4 x double> poison, double %v140, i64 0
  %v142 = shufflevector <4 x double> %v141, <4 x double> poison, <4 x i32> zeroinitializer
  %v143 = mul i64 %k, 2
  %v144 = add i64 %v143, 1
  %v145 = getelementptr double, ptr %v12, i64 %v144
  %v146 = load double, ptr %v145
  %v147 = insertelement <4 x double> poison, double %v146, i64 0
  %v148 = shufflevector <4 x double> %v147, <4 x double> poison, <4 x i32> zeroinitializer
  %v149 = mul i64 %k, 1
  %v150 = add i64 %v149, 0
  %v151 = getelementptr double, ptr %v115, i64 %v150
  %v152 = load double, ptr %v151
  %v153 = insertelement <4 x double> poison, double %v152, i64 0
  %v154 = getelementptr double, ptr %v117, i64 %v150
  %v155 = load double, ptr %v154
  %v156 = insertelement <4 x double> %v153, double %v155, i64 1
  %v157 = getelementptr double, ptr %v119, i64 %v150
  %v158 = load double, ptr %v157
  %v159 = insertelement <4 x double> %v156, double %v158, i64 2
  %v160 = getelementptr double, ptr %v121, i64 %v150
  %v161 = load double, ptr %v160
  %v162 = insertelement <4 x double> %v159, double %v161, i64 3
  %v163 = mul i64 %k, 3
  %v164 = add i64 %v163, 0
  %v165 = getelementptr double, ptr %v123, i64 %v164
  %v166 = load double, ptr %v165
  %v167 = insertelement <4 x double> poison, double %v166, i64 0
  %v168 = getelementptr double, ptr %v125, i64 %v164
  %v169 = load double, ptr %v168
  %v170 = insertelement <4 x double> %v167, double %v169, i64 1
  %v171 = getelementptr double, ptr %v127, i64 %v164
  %v172 = load double, ptr %v171
  %v173 = insertelement <4 x double> %v170, double %v172, i64 2
  %v174 = getelementptr double, ptr %v129, i64 %v164
  %v175 = load double, ptr %v174
  %v176 = insertelement <4 x double> %v173, double %v175, i64 3
  %v177 = add i64 %v163, 1
  %v178 = getelementptr double, ptr %v123, i64 %v177
  %v179 = load double, ptr %v178
  %v180 = insertelement <4 x double> poison, double %v179, i64 0
  %v181 = getelementptr double, ptr %v125, i64 %v177
  %v182 = load double, ptr %v181
  %v183 = insertelement <4 x double> %v180, double %v182, i64 1
  %v184 = getelementptr double, ptr %v127, i64 %v177
  %v185 = load double, ptr %v184
  %v186 = insertelement <4 x double> %v183, double %v185, i64 2
  %v187 = getelementptr double, ptr %v129, i64 %v177
  %v188 = load double, ptr %v187
  %v189 = insertelement <4 x double> %v186, double %v188, i64 3
  %v190 = add i64 %v163, 2
  %v191 = getelementptr double, ptr %v123, i64 %v190
  %v192 = load double, ptr %v191
  %v193 = insertelement <4 x double> poison, double %v192, i64 0
  %v194 = getelementptr double, ptr %v125, i64 %v190
  %v195 = load double, ptr %v194
  %v196 = insertelement <4 x double> %v193, double %v195, i64 1
  %v197 = getelementptr double, ptr %v127, i64 %v190
  %v198 = load double, ptr %v197
  %v199 = insertelement <4 x double> %v196, double %v198, i64 2
  %v200 = getelementptr double, ptr %v129, i64 %v190
  %v201 = load double, ptr %v200
  %v202 = insertelement <4 x double> %v199, double %v201, i64 3
  %v203 = fcmp ogt <4 x double> %v142, <double 0x0000000000000000, double 0x0000000000000000, double 0x0000000000000000, double 0x0000000000000000>
  %v204 = call i1 @llvm.vector.reduce.or.v4i1(<4 x i1> %v203)
  br i1 %v204, label %run0, label %done0
run0:
  %v205 = fmul <4 x double> %c1, %v142
  %v206 = fmul <4 x double> %v36, %v205
  %v207 = fadd <4 x double> %c0, %v206
  %v208 = fadd <4 x double> %v207, %v162
  %v209 = fmul <4 x double> %c1, <double 0x3FE0000000000000, double 0x3FE0000000000000, double 0x3FE0000000000000, double 0x3FE0000000000000>
  %v210 = call <4 x double> @llvm.floor.v4f64(<4 x double> %v209)
  %v211 = call <4 x double> @llvm.rint.v4f64(<4 x double> %v148)
  %v212 = fsub <4 x double> %v210, %v211
  %v213 = call <4 x double> @llvm.fabs.v4f64(<4 x double> %c2)
  %v214 = call <4 x double> @llvm.sqrt.v4f64(<4 x double> %v213)
  %v215 = fcmp olt <4 x double> %v208, <double 0x4059000000000000, double 0x4059000000000000, double 0x4059000000000000, double 0x4059000000000000>
  %v216 = fcmp ole <4 x double> %v212, %v208
  %v217 = xor <4 x i1> %v216, <i1 true, i1 true, i1 true, i1 true>
  %v218 = or <4 x i1> %v215, %v217
  %v219 = fcmp ole <4 x double> <double 0x0000000000000000, double 0x0000000000000000, double 0x0000000000000000, double 0x0000000000000000>, %c2
  %v220 = xor <4 x i1> %v219, <i1 true, i1 true, i1 true, i1 true>
  %v221 = and <4 x i1> %v203, %v218
  %v222 = and <4 x i1> %v203, %v220
  %v223 = select <4 x i1> %v222, <4 x i64> <i64 512, i64 512, i64 512, i64 512>, <4 x i64> <i64 0, i64 0, i64 0, i64 0>
  %v224 = or <4 x i64> <i64 0, i64 0, i64 0, i64 0>, %v223
  %v225 = call i1 @llvm.vector.reduce.and.v4i1(<4 x i1> %v221)
  br i1 %v225, label %done0, label %merge0
merge0:
  %v226 = select <4 x i1> %v221, <4 x double> %v208, <4 x double> %c0
  %v227 = select <4 x i1> %v221, <4 x double> %v212, <4 x double> %c1
  %v228 = select <4 x i1> %v221, <4 x double> %v214, <4 x double> %c2
  %v229 = select <4 x i1> %v221, <4 x double> <double 0x0000000000000000, double 0x0000000000000000, double 0x0000000000000000, double 0x0000000000000000>, <4 x double> <double 0x0000000000000000, double 0x0000000000000000, double 0x0000000000000000, double 0x0000000000000000>
  %v230 = select <4 x i1> %v221, <4 x double> <double 0x0000000000000000, double 0x0000000000000000, double 0x0000000000000000, double 0x0000000000000000>, <4 x double> <double 0x0000000000000000, double 0x0000000000000000, double 0x0000000000000000, double 0x0000000000000000>
  br label %done0
done0:
  %v231 = phi <4 x double> [ %c0, %row ], [ %v208, %run0 ], [ %v226, %merge0 ]
  %v232 = phi <4 x double> [ %c1, %row ], [ %v212, %run0 ], [ %v227, %merge0 ]
  %v233 = phi <4 x double> [ %c2, %row ], [ %v214, %run0 ], [ %v228, %merge0 ]
  %v234 = phi <4 x double> [ <double 0x0000000000000000, double 0x0000000000000000, double 0x0000000000000000, double 0x0000000000000000>, %row ], [ <double 0x0000000000000000, double 0x0000000000000000, double 0x0000000000000000, double 0x0000000000000000>, %run0 ], [ %v229, %merge0 ]
  %v235 = phi <4 x double> [ <double 0x0000000000000000, double 0x0000000000000000, double 0x0000000000000000, double 0x0000000000000000>, %row ], [ <double 0x0000000000000000, double 0x0000000000000000, double 0x0000000000000000, double 0x0000000000000000>, %run0 ], [ %v230, %merge0 ]
  %v236 = phi <4 x i64> [ <i64 0, i64 0, i64 0, i64 0>, %row ], [ %v224, %run0 ], [ %v224, %merge0 ]
  %v237 = fcmp ord <4 x double> %v176, %v176
  %v238 = fcmp ord <4 x double> %v189, %v189
  %v239 = or <4 x i1> %v237, %v238
  %v240 = call i1 @llvm.vector.reduce.or.v4i1(<4 x i1> %v239)
  br i1 %v240, label %run1, label %done1
run1:
  %v241 = fcmp oeq <4 x double> %v176, %v176
  %v242 = fsub <4 x double> %v176, %v231
  %v243 = select <4 x i1> %v241, <4 x double> %v242, <4 x double> <double 0x0000000000000000, double 0x0000000000000000, double 0x0000000000000000, double 0x0000000000000000>
  %v244 = fadd <4 x double> %v243, <double 0x3FF8000000000000, double 0x3FF8000000000000, double 0x3FF8000000000000, double 0x3FF8000000000000>
  %v245 = bitcast <4 x double> %v244 to <4 x i64>
  %v246 = lshr <4 x i64> %v245, <i64 52, i64 52, i64 52, i64 52>
  %v247 = and <4 x i64> %v246, <i64 2047, i64 2047, i64 2047, i64 2047>
  %v248 = or <4 x i64> %v247, <i64 4841369599423283200, i64 4841369599423283200, i64 4841369599423283200, i64 4841369599423283200>
  %v249 = bitcast <4 x i64> %v248 to <4 x double>
  %v250 = fsub <4 x double> %v249, <double 0x43300000000003FF, double 0x43300000000003FF, double 0x43300000000003FF, double 0x43300000000003FF>
  %v251 = fadd <4 x double> %v250, <double 0x43300000000003FF, double 0x43300000000003FF, double 0x43300000000003FF, double 0x43300000000003FF>
  %v252 = bitcast <4 x double> %v251 to <4 x i64>
  %v253 = shl <4 x i64> %v252, <i64 52, i64 52, i64 52, i64 52>
  %v254 = bitcast <4 x i64> %v253 to <4 x double>
  %v255 = fmul <4 x double> %v243, <double 0x3FB999999999999A, double 0x3FB999999999999A, double 0x3FB999999999999A, double 0x3FB999999999999A>
  %v256 = fadd <4 x double> %v231, %v255
  %v257 = call <4 x double> @llvm.copysign.v4f64(<4 x double> %v232, <4 x double> %v243)
  %v258 = fneg <4 x double> %v233
  %v259 = fcmp olt <4 x double> %v243, <double 0x7FF0000000000000, double 0x7FF0000000000000, double 0x7FF0000000000000, double 0x7FF0000000000000>
  %v260 = fcmp olt <4 x double> <double 0xFFF0000000000000, double 0xFFF0000000000000, double 0xFFF0000000000000, double 0xFFF0000000000000>, %v243
  %v261 = and <4 x i1> %v259, %v260
  %v262 = fcmp oeq <4 x double> %v189, %v189
  %v263 = select <4 x i1> %v262, <4 x double> %v189, <4 x double> <double 0x7FF8000000000000, double 0x7FF8000000000000, double 0x7FF8000000000000, double 0x7FF8000000000000>
  %v264 = fmul <4 x double> %v243, %v243
  %v265 = fmul <4 x double> %v243, <double 0xBFE0000000000000, double 0xBFE0000000000000, double 0xBFE0000000000000, double 0xBFE0000000000000>
  %v266 = fcmp une <4 x double> %v176, %v176
  %v267 = fcmp une <4 x double> %v189, %v189
  %v268 = or <4 x i1> %v266, %v267
  %v269 = fcmp olt <4 x double> <double 0x4010000000000000, double 0x4010000000000000, double 0x4010000000000000, double 0x4010000000000000>, %v254
  %v270 = and <4 x i1> %v239, %v261
  %v271 = and <4 x i1> %v239, %v268
  %v272 = select <4 x i1> %v271, <4 x i64> <i64 2, i64 2, i64 2, i64 2>, <4 x i64> <i64 0, i64 0, i64 0, i64 0>
  %v273 = or <4 x i64> %v236, %v272
  %v274 = and <4 x i1> %v239, %v269
  %v275 = select <4 x i1> %v274, <4 x i64> <i64 256, i64 256, i64 256, i64 256>, <4 x i64> <i64 0, i64 0, i64 0, i64 0>
  %v276 = or <4 x i64> %v273, %v275
  %v277 = fadd <4 x double> %v234, %v264
  %v278 = fadd <4 x double> %v235, %v265
  %v279 = select <4 x i1> %v270, <4 x double> %v254, <4 x double> <double 0x7FF8000000000000, double 0x7FF8000000000000, double 0x7FF8000000000000, double 0x7FF8000000000000>
  %v280 = fcmp uno <4 x double> %v279, %v279
  %v281 = select <4 x i1> %v280, <4 x double> <double 0x7FF8000000000000, double 0x7FF8000000000000, double 0x7FF8000000000000, double 0x7FF8000000000000>, <4 x double> %v279
  %v282 = select <4 x i1> %v270, <4 x double> %v263, <4 x double> <double 0x7FF8000000000000, double 0x7FF8000000000000, double 0x7FF8000000000000, double 0x7FF8000000000000>
  %v283 = fcmp uno <4 x double> %v282, %v282
  %v284 = select <4 x i1> %v283, <4 x double> <double 0x7FF8000000000000, double 0x7FF8000000000000, double 0x7FF8000000000000, double 0x7FF8000000000000>, <4 x double> %v282
  %v285 = select <4 x i1> <i1 true, i1 true, i1 true, i1 true>, <4 x i64> <i64 1, i64 1, i64 1, i64 1>, <4 x i64> <i64 0, i64 0, i64 0, i64 0>
  %v286 = or <4 x i64> %v276, %v285
  %v287 = call i1 @llvm.vector.reduce.and.v4i1(<4 x i1> %v270)
  br i1 %v287, label %done1, label %merge1
merge1:
  %v288 = select <4 x i1> %v270, <4 x double> %v256, <4 x double> %v231
  %v289 = select <4 x i1> %v270, <4 x double> %v257, <4 x double> %v232
  %v290 = select <4 x i1> %v270, <4 x double> %v258, <4 x double> %v233
  %v291 = select <4 x i1> %v270, <4 x double> %v277, <4 x double> %v234
  %v292 = select <4 x i1> %v270, <4 x double> %v278, <4 x double> %v235
  %v293 = select <4 x i1> %v270, <4 x i64> <i64 1, i64 1, i64 1, i64 1>, <4 x i64> <i64 0, i64 0, i64 0, i64 0>
  %v294 = or <4 x i64> %v276, %v293
  br label %done1
done1:
  %v295 = phi <4 x double> [ %v231, %done0 ], [ %v256, %run1 ], [ %v288, %merge1 ]
  %v296 = phi <4 x double> [ %v232, %done0 ], [ %v257, %run1 ], [ %v289, %merge1 ]
  %v297 = phi <4 x double> [ %v233, %done0 ], [ %v258, %run1 ], [ %v290, %merge1 ]
  %v298 = phi <4 x double> [ %v234, %done0 ], [ %v277, %run1 ], [ %v291, %merge1 ]
  %v299 = phi <4 x double> [ %v235, %done0 ], [ %v278, %run1 ], [ %v292, %merge1 ]
  %v300 = phi <4 x i64> [ %v236, %done0 ], [ %v286, %run1 ], [ %v294, %merge1 ]
  %v301 = phi <4 x double> [ <double 0x7FF8000000000000, double 0x7FF8000000000000, double 0x7FF8000000000000, double 0x7FF8000000000000>, %done0 ], [ %v281, %run1 ], [ %v281, %merge1 ]
  %v302 = phi <4 x double> [ <double 0x7FF8000000000000, double 0x7FF8000000000000, double 0x7FF8000000000000, double 0x7FF8000000000000>, %done0 ], [ %v284, %run1 ], [ %v284, %merge1 ]
  %v303 = fcmp ord <4 x double> %v202, %v202
  %v304 = call i1 @llvm.vector.reduce.or.v4i1(<4 x i1> %v303)
  br i1 %v304, label %run2, label %done2
run2:
  %v305 = fadd <4 x double> <double 0x3FF0000000000000, double 0x3FF0000000000000, double 0x3FF0000000000000, double 0x3FF0000000000000>, %v297
  %v306 = fcmp olt <4 x double> %v202, <double 0x4022000000000000, double 0x4022000000000000, double 0x4022000000000000, double 0x4022000000000000>
  %v307 = and <4 x i1> %v303, %v306
  %v308 = select <4 x i1> %v307, <4 x double> %v202, <4 x double> <double 0x7FF8000000000000, double 0x7FF8000000000000, double 0x7FF8000000000000, double 0x7FF8000000000000>
  %v309 = fcmp uno <4 x double> %v308, %v308
  %v310 = select <4 x i1> %v309, <4 x double> <double 0x7FF8000000000000, double 0x7FF8000000000000, double 0x7FF8000000000000, double 0x7FF8000000000000>, <4 x double> %v308
  %v311 = select <4 x i1> %v307, <4 x double> %v305, <4 x double> <double 0x7FF8000000000000, double 0x7FF8000000000000, double 0x7FF8000000000000, double 0x7FF8000000000000>
  %v312 = fcmp uno <4 x double> %v311, %v311
  %v313 = select <4 x i1> %v312, <4 x double> <double 0x7FF8000000000000, double 0x7FF8000000000000, double 0x7FF8000000000000, double 0x7FF8000000000000>, <4 x double> %v311
  %v314 = call i1 @llvm.vector.reduce.and.v4i1(<4 x i1> %v307)
  br i1 %v314, label %done2, label %merge2
merge2:
  %v315 = select <4 x i1> %v307, <4 x double> %v202, <4 x double> %v295
  %v316 = select <4 x i1> %v307, <4 x double> %v296, <4 x double> %v296
  %v317 = select <4 x i1> %v307, <4 x double> %v305, <4 x double> %v297
  %v318 = select <4 x i1> %v307, <4 x double> %v298, <4 x double> %v298
  %v319 = select <4 x i1> %v307, <4 x double> %v299, <4 x double> %v299
  br label %done2
done2:
  %v320 = phi <4 x double> [ %v295, %done1 ], [ %v202, %run2 ], [ %v315, %merge2 ]
  %v321 = phi <4 x double> [ %v296, %done1 ], [ %v296, %run2 ], [ %v316, %merge2 ]
  %v322 = phi <4 x double> [ %v297, %done1 ], [ %v305, %run2 ], [ %v317, %merge2 ]
  %v323 = phi <4 x double> [ %v298, %done1 ], [ %v298, %run2 ], [ %v318, %merge2 ]
  %v324 = phi <4 x double> [ %v299, %done1 ], [ %v299, %run2 ], [ %v319, %merge2 ]
  %v325 = phi <4 x double> [ <double 0x7FF8000000000000, double 0x7FF8000000000000, double 0x7FF8000000000000, double 0x7FF8000000000000>, %done1 ], [ %v310, %run2 ], [ %v310, %merge2 ]
  %v326 = phi <4 x double> [ <double 0x7FF8000000000000, double 0x7FF8000000000000, double 0x7FF8000000000000, double 0x7FF8000000000000>, %done1 ], [ %v313, %run2 ], [ %v313, %merge2 ]
  %v327 = and <4 x i64> %v300, <i64 4865, i64 4865, i64 4865, i64 4865>
  %v328 = icmp ne <4 x i64> %v327, <i64 0, i64 0, i64 0, i64 0>
  %v329 = select <4 x i1> %v328, <4 x i64> <i64 0, i64 0, i64 0, i64 0>, <4 x i64> <i64 4, i64 4, i64 4, i64 4>
  %v330 = or <4 x i64> %v300, %v329
  %v331 = and <4 x i64> %v330, <i64 1, i64 1, i64 1, i64 1>
  %v332 = icmp ne <4 x i64> %v331, <i64 0, i64 0, i64 0, i64 0>
  %v333 = select <4 x i1> %v332, <4 x double> %v323, <4 x double> <double 0x7FF8000000000000, double 0x7FF8000000000000, double 0x7FF8000000000000, double 0x7FF8000000000000>
  %v334 = uitofp <4 x i64> %v330 to <4 x double>
  %v335 = mul i64 %k, 13
  %v336 = add i64 %v335, 52
  %v337 = getelementptr double, ptr %v131, i64 %v336
  %v338 = getelementptr i8, ptr %v337, i64 0
  call void @llvm.prefetch.p0(ptr %v338, i32 1, i32 3, i32 1)
  %v339 = getelementptr i8, ptr %v337, i64 64
  call void @llvm.prefetch.p0(ptr %v339, i32 1, i32 3, i32 1)
  %v340 = getelementptr double, ptr %v133, i64 %v336
  %v341 = getelementptr i8, ptr %v340, i64 0
  call void @llvm.prefetch.p0(ptr %v341, i32 1, i32 3, i32 1)
  %v342 = getelementptr i8, ptr %v340, i64 64
  call void @llvm.prefetch.p0(ptr %v342, i32 1, i32 3, i32 1)
  %v343 = getelementptr double, ptr %v135, i64 %v336
  %v344 = getelementptr i8, ptr %v343, i64 0
  call void @llvm.prefetch.p0(ptr %v344, i32 1, i32 3, i32 1)
  %v345 = getelementptr i8, ptr %v343, i64 64
  call void @llvm.prefetch.p0(ptr %v345, i32 1, i32 3, i32 1)
  %v346 = getelementptr double, ptr %v137, i64 %v336
  %v347 = getelementptr i8, ptr %v346, i64 0
  call void @llvm.prefetch.p0(ptr %v347, i32 1, i32 3, i32 1)
  %v348 = getelementptr i8, ptr %v346, i64 64
  call void @llvm.prefetch.p0(ptr %v348, i32 1, i32 3, i32 1)
  %v349 = add i64 %v335, 0
  %v350 = shufflevector <4 x double> %v320, <4 x double> %v322, <4 x i32> <i32 0, i32 1, i32 4, i32 5>
  %v351 = shufflevector <4 x double> %v320, <4 x double> %v322, <4 x i32> <i32 2, i32 3, i32 6, i32 7>
  %v352 = shufflevector <4 x double> %v321, <4 x double> %v301, <4 x i32> <i32 0, i32 1, i32 4, i32 5>
  %v353 = shufflevector <4 x double> %v321, <4 x double> %v301, <4 x i32> <i32 2, i32 3, i32 6, i32 7>
  %v354 = shufflevector <4 x double> %v350, <4 x double> %v352, <4 x i32> <i32 0, i32 4, i32 2, i32 6>
  %v355 = shufflevector <4 x double> %v350, <4 x double> %v352, <4 x i32> <i32 1, i32 5, i32 3, i32 7>
  %v356 = shufflevector <4 x double> %v351, <4 x double> %v353, <4 x i32> <i32 0, i32 4, i32 2, i32 6>
  %v357 = shufflevector <4 x double> %v351, <4 x double> %v353, <4 x i32> <i32 1, i32 5, i32 3, i32 7>
  %v358 = getelementptr double, ptr %v131, i64 %v349
  store <4 x double> %v354, ptr %v358, align 8
  %v359 = getelementptr double, ptr %v133, i64 %v349
  store <4 x double> %v355, ptr %v359, align 8
  %v360 = getelementptr double, ptr %v135, i64 %v349
  store <4 x double> %v356, ptr %v360, align 8
  %v361 = getelementptr double, ptr %v137, i64 %v349
  store <4 x double> %v357, ptr %v361, align 8
  %v362 = add i64 %v335, 4
  %v363 = shufflevector <4 x double> %v325, <4 x double> %v231, <4 x i32> <i32 0, i32 1, i32 4, i32 5>
  %v364 = shufflevector <4 x double> %v325, <4 x double> %v231, <4 x i32> <i32 2, i32 3, i32 6, i32 7>
  %v365 = shufflevector <4 x double> %v302, <4 x double> %v232, <4 x i32> <i32 0, i32 1, i32 4, i32 5>
  %v366 = shufflevector <4 x double> %v302, <4 x double> %v232, <4 x i32> <i32 2, i32 3, i32 6, i32 7>
  %v367 = shufflevector <4 x double> %v363, <4 x double> %v365, <4 x i32> <i32 0, i32 4, i32 2, i32 6>
  %v368 = shufflevector <4 x double> %v363, <4 x double> %v365, <4 x i32> <i32 1, i32 5, i32 3, i32 7>
  %v369 = shufflevector <4 x double> %v364, <4 x double> %v366, <4 x i32> <i32 0, i32 4, i32 2, i32 6>
  %v370 = shufflevector <4 x double> %v364, <4 x double> %v366, <4 x i32> <i32 1, i32 5, i32 3, i32 7>
  %v371 = getelementptr double, ptr %v131, i64 %v362
  store <4 x double> %v367, ptr %v371, align 8
  %v372 = getelementptr double, ptr %v133, i64 %v362
  store <4 x double> %v368, ptr %v372, align 8
  %v373 = getelementptr double, ptr %v135, i64 %v362
  store <4 x double> %v369, ptr %v373, align 8
  %v374 = getelementptr double, ptr %v137, i64 %v362
  store <4 x double> %v370, ptr %v374, align 8
  %v375 = add i64 %v335, 8
  %v376 = shufflevector <4 x double> %v233, <4 x double> %v324, <4 x i32> <i32 0, i32 1, i32 4, i32 5>
  %v377 = shufflevector <4 x double> %v233, <4 x double> %v324, <4 x i32> <i32 2, i32 3, i32 6, i32 7>
  %v378 = shufflevector <4 x double> %v333, <4 x double> %v334, <4 x i32> <i32 0, i32 1, i32 4, i32 5>
  %v379 = shufflevector <4 x double> %v333, <4 x double> %v334, <4 x i32> <i32 2, i32 3, i32 6, i32 7>
  %v380 = shufflevector <4 x double> %v376, <4 x double> %v378, <4 x i32> <i32 0, i32 4, i32 2, i32 6>
  %v381 = shufflevector <4 x double> %v376, <4 x double> %v378, <4 x i32> <i32 1, i32 5, i32 3, i32 7>
  %v382 = shufflevector <4 x double> %v377, <4 x double> %v379, <4 x i32> <i32 0, i32 4, i32 2, i32 6>
  %v383 = shufflevector <4 x double> %v377, <4 x double> %v379, <4 x i32> <i32 1, i32 5, i32 3, i32 7>
  %v384 = getelementptr double, ptr %v131, i64 %v375
  store <4 x double> %v380, ptr %v384, align 8
  %v385 = getelementptr double, ptr %v133, i64 %v375
  store <4 x double> %v381, ptr %v385, align 8
  %v386 = getelementptr double, ptr %v135, i64 %v375
  store <4 x double> %v382, ptr %v386, align 8
  %v387 = getelementptr double, ptr %v137, i64 %v375
  store <4 x double> %v383, ptr %v387, align 8
  %v388 = add i64 %v335, 12
  %v389 = shufflevector <4 x double> %v326, <4 x double> poison, <4 x i32> <i32 0, i32 1, i32 4, i32 5>
  %v390 = shufflevector <4 x double> %v326, <4 x double> poison, <4 x i32> <i32 2, i32 3, i32 6, i32 7>
  %v391 = shufflevector <4 x double> %v389, <4 x double> poison, <4 x i32> <i32 0, i32 4, i32 2, i32 6>
  %v392 = shufflevector <4 x double> %v389, <4 x double> poison, <4 x i32> <i32 1, i32 5, i32 3, i32 7>
  %v393 = shufflevector <4 x double> %v390, <4 x double> poison, <4 x i32> <i32 0, i32 4, i32 2, i32 6>
  %v394 = shufflevector <4 x double> %v390, <4 x double> poison, <4 x i32> <i32 1, i32 5, i32 3, i32 7>
  %v395 = getelementptr double, ptr %v131, i64 %v388
  call void @llvm.masked.store.v4f64.p0(<4 x double> %v391, ptr %v395, i32 8, <4 x i1> <i1 true, i1 false, i1 false, i1 false>)
  %v396 = getelementptr double, ptr %v133, i64 %v388
  call void @llvm.masked.store.v4f64.p0(<4 x double> %v392, ptr %v396, i32 8, <4 x i1> <i1 true, i1 false, i1 false, i1 false>)
  %v397 = getelementptr double, ptr %v135, i64 %v388
  call void @llvm.masked.store.v4f64.p0(<4 x double> %v393, ptr %v397, i32 8, <4 x i1> <i1 true, i1 false, i1 false, i1 false>)
  %v398 = getelementptr double, ptr %v137, i64 %v388
  call void @llvm.masked.store.v4f64.p0(<4 x double> %v394, ptr %v398, i32 8, <4 x i1> <i1 true, i1 false, i1 false, i1 false>)
  %v399 = fadd <4 x double> %total, %v324
  br label %row.done
row.done:
  %c0.next = phi <4 x double> [ %v320, %done2 ]
  %c1.next = phi <4 x double> [ %v321, %done2 ]
  %c2.next = phi <4 x double> [ %v322, %done2 ]
  %total.next = phi <4 x double> [ %v399, %done2 ]
  %seen.next = or <4 x i64> %seen, %v330
  %k.next = add i64 %k, 1
  %v400 = icmp slt i64 %k.next, %v4
  br i1 %v400, label %row, label %track.done
track.done:
  %v401 = phi <4 x double> [ %v64, %track ], [ %c0.next, %row.done ]
  %v402 = phi <4 x double> [ %v76, %track ], [ %c1.next, %row.done ]
  %v403 = phi <4 x double> [ %v88, %track ], [ %c2.next, %row.done ]
  %v404 = phi <4 x double> [ %v100, %track ], [ %total.next, %row.done ]
  %v405 = phi <4 x i64> [ %v113, %track ], [ %seen.next, %row.done ]
  %v406 = uitofp <4 x i64> %v405 to <4 x double>
  %v407 = mul i64 %v41, 5
  %v408 = getelementptr double, ptr %v24, i64 %v407
  %v409 = mul i64 %v42, 5
  %v410 = getelementptr double, ptr %v24, i64 %v409
  %v411 = mul i64 %v43, 5
  %v412 = getelementptr double, ptr %v24, i64 %v411
  %v413 = mul i64 %v44, 5
  %v414 = getelementptr double, ptr %v24, i64 %v413
  %v415 = extractelement <4 x double> %v401, i64 0
  %v416 = getelementptr double, ptr %v408, i64 0
  store double %v415, ptr %v416
  %v417 = extractelement <4 x double> %v401, i64 1
  %v418 = getelementptr double, ptr %v410, i64 0
  store double %v417, ptr %v418
  %v419 = extractelement <4 x double> %v401, i64 2
  %v420 = getelementptr double, ptr %v412, i64 0
  store double %v419, ptr %v420
  %v421 = extractelement <4 x double> %v401, i64 3
  %v422 = getelementptr double, ptr %v414, i64 0
  store double %v421, ptr %v422
  %v423 = extractelement <4 x double> %v402, i64 0
  %v424 = getelementptr double, ptr %v408, i64 1
  store double %v423, ptr %v424
  %v425 = extractelement <4 x double> %v402, i64 1
  %v426 = getelementptr double, ptr %v410, i64 1
  store double %v425, ptr %v426
  %v427 = extractelement <4 x double> %v402, i64 2
  %v428 = getelementptr double, ptr %v412, i64 1
  store double %v427, ptr %v428
  %v429 = extractelement <4 x double> %v402, i64 3
  %v430 = getelementptr double, ptr %v414, i64 1
  store double %v429, ptr %v430
  %v431 = extractelement <4 x double> %v403, i64 0
  %v432 = getelementptr double, ptr %v408, i64 2
  store double %v431, ptr %v432
  %v433 = extractelement <4 x double> %v403, i64 1
  %v434 = getelementptr double, ptr %v410, i64 2
  store double %v433, ptr %v434
  %v435 = extractelement <4 x double> %v403, i64 2
  %v436 = getelementptr double, ptr %v412, i64 2
  store double %v435, ptr %v436
  %v437 = extractelement <4 x double> %v403, i64 3
  %v438 = getelementptr double, ptr %v414, i64 2
  store double %v437, ptr %v438
  %v439 = extractelement <4 x double> %v404, i64 0
  %v440 = getelementptr double, ptr %v408, i64 3
  store double %v439, ptr %v440
  %v441 = extractelement <4 x double> %v404, i64 1
  %v442 = getelementptr double, ptr %v410, i64 3
  store double %v441, ptr %v442
  %v443 = extractelement <4 x double> %v404, i64 2
  %v444 = getelementptr double, ptr %v412, i64 3
  store double %v443, ptr %v444
  %v445 = extractelement <4 x double> %v404, i64 3
  %v446 = getelementptr double, ptr %v414, i64 3
  store double %v445, ptr %v446
  %v447 = extractelement <4 x double> %v406, i64 0
  %v448 = getelementptr double, ptr %v408, i64 4
  store double %v447, ptr %v448
  %v449 = extractelement <4 x double> %v406, i64 1
  %v450 = getelementptr double, ptr %v410, i64 4
  store double %v449, ptr %v450
  %v451 = extractelement <4 x double> %v406, i64 2
  %v452 = getelementptr double, ptr %v412, i64 4
  store double %v451, ptr %v452
  %v453 = extractelement <4 x double> %v406, i64 3
  %v454 = getelementptr double, ptr %v414, i64 4
  store double %v453, ptr %v454
  br label %track.next
track.next:
  %block.next = add i64 %block, 4
  %v455 = icmp slt i64 %block.next, %v2
  br i1 %v455, label %track, label %end
end:
  ret void
}
attributes #0 = { nounwind "prefer-vector-width"="256" "min-legal-vector-width"="256" }
