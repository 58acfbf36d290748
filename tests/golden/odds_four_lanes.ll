declare <4 x double> @llvm.sqrt.v4f64(<4 x double>)
declare <4 x double> @llvm.floor.v4f64(<4 x double>)
declare <4 x double> @llvm.rint.v4f64(<4 x double>)
declare <4 x double> @llvm.fabs.v4f64(<4 x double>)
declare <4 x double> @llvm.copysign.v4f64(<4 x double>, <4 x double>)
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
  %v237 = phi i1 [ true, %row ], [ true, %run0 ], [ false, %merge0 ]
  %v238 = fcmp ord <4 x double> %v176, %v176
  %v239 = fcmp ord <4 x double> %v189, %v189
  %v240 = or <4 x i1> %v238, %v239
  %v241 = call i1 @llvm.vector.reduce.or.v4i1(<4 x i1> %v240)
  br i1 %v241, label %run1, label %done1
run1:
  %v242 = fcmp oeq <4 x double> %v176, %v176
  %v243 = fsub <4 x double> %v176, %v231
  %v244 = select <4 x i1> %v242, <4 x double> %v243, <4 x double> <double 0x0000000000000000, double 0x0000000000000000, double 0x0000000000000000, double 0x0000000000000000>
  %v245 = fadd <4 x double> %v244, <double 0x3FF8000000000000, double 0x3FF8000000000000, double 0x3FF8000000000000, double 0x3FF8000000000000>
  %v246 = bitcast <4 x double> %v245 to <4 x i64>
  %v247 = lshr <4 x i64> %v246, <i64 52, i64 52, i64 52, i64 52>
  %v248 = and <4 x i64> %v247, <i64 2047, i64 2047, i64 2047, i64 2047>
  %v249 = or <4 x i64> %v248, <i64 4841369599423283200, i64 4841369599423283200, i64 4841369599423283200, i64 4841369599423283200>
  %v250 = bitcast <4 x i64> %v249 to <4 x double>
  %v251 = fsub <4 x double> %v250, <double 0x43300000000003FF, double 0x43300000000003FF, double 0x43300000000003FF, double 0x43300000000003FF>
  %v252 = fadd <4 x double> %v251, <double 0x43300000000003FF, double 0x43300000000003FF, double 0x43300000000003FF, double 0x43300000000003FF>
  %v253 = bitcast <4 x double> %v252 to <4 x i64>
  %v254 = shl <4 x i64> %v253, <i64 52, i64 52, i64 52, i64 52>
  %v255 = bitcast <4 x i64> %v254 to <4 x double>
  %v256 = fmul <4 x double> %v244, <double 0x3FB999999999999A, double 0x3FB999999999999A, double 0x3FB999999999999A, double 0x3FB999999999999A>
  %v257 = fadd <4 x double> %v231, %v256
  %v258 = call <4 x double> @llvm.copysign.v4f64(<4 x double> %v232, <4 x double> %v244)
  %v259 = fneg <4 x double> %v233
  %v260 = fcmp olt <4 x double> %v244, <double 0x7FF0000000000000, double 0x7FF0000000000000, double 0x7FF0000000000000, double 0x7FF0000000000000>
  %v261 = fcmp olt <4 x double> <double 0xFFF0000000000000, double 0xFFF0000000000000, double 0xFFF0000000000000, double 0xFFF0000000000000>, %v244
  %v262 = and <4 x i1> %v260, %v261
  %v263 = fcmp oeq <4 x double> %v189, %v189
  %v264 = select <4 x i1> %v263, <4 x double> %v189, <4 x double> <double 0x7FF8000000000000, double 0x7FF8000000000000, double 0x7FF8000000000000, double 0x7FF8000000000000>
  %v265 = fmul <4 x double> %v244, %v244
  %v266 = fmul <4 x double> %v244, <double 0xBFE0000000000000, double 0xBFE0000000000000, double 0xBFE0000000000000, double 0xBFE0000000000000>
  %v267 = fcmp une <4 x double> %v176, %v176
  %v268 = fcmp une <4 x double> %v189, %v189
  %v269 = or <4 x i1> %v267, %v268
  %v270 = fcmp olt <4 x double> <double 0x4010000000000000, double 0x4010000000000000, double 0x4010000000000000, double 0x4010000000000000>, %v255
  %v271 = and <4 x i1> %v240, %v262
  %v272 = and <4 x i1> %v240, %v269
  %v273 = select <4 x i1> %v272, <4 x i64> <i64 2, i64 2, i64 2, i64 2>, <4 x i64> <i64 0, i64 0, i64 0, i64 0>
  %v274 = or <4 x i64> %v236, %v273
  %v275 = and <4 x i1> %v240, %v270
  %v276 = select <4 x i1> %v275, <4 x i64> <i64 256, i64 256, i64 256, i64 256>, <4 x i64> <i64 0, i64 0, i64 0, i64 0>
  %v277 = or <4 x i64> %v274, %v276
  %v278 = fadd <4 x double> %v234, %v265
  %v279 = fadd <4 x double> %v235, %v266
  %v280 = select <4 x i1> %v271, <4 x double> %v255, <4 x double> <double 0x7FF8000000000000, double 0x7FF8000000000000, double 0x7FF8000000000000, double 0x7FF8000000000000>
  %v281 = fcmp uno <4 x double> %v280, %v280
  %v282 = select <4 x i1> %v281, <4 x double> <double 0x7FF8000000000000, double 0x7FF8000000000000, double 0x7FF8000000000000, double 0x7FF8000000000000>, <4 x double> %v280
  %v283 = select <4 x i1> %v271, <4 x double> %v264, <4 x double> <double 0x7FF8000000000000, double 0x7FF8000000000000, double 0x7FF8000000000000, double 0x7FF8000000000000>
  %v284 = fcmp uno <4 x double> %v283, %v283
  %v285 = select <4 x i1> %v284, <4 x double> <double 0x7FF8000000000000, double 0x7FF8000000000000, double 0x7FF8000000000000, double 0x7FF8000000000000>, <4 x double> %v283
  %v286 = select <4 x i1> <i1 true, i1 true, i1 true, i1 true>, <4 x i64> <i64 1, i64 1, i64 1, i64 1>, <4 x i64> <i64 0, i64 0, i64 0, i64 0>
  %v287 = or <4 x i64> %v277, %v286
  %v288 = call i1 @llvm.vector.reduce.and.v4i1(<4 x i1> %v271)
  br i1 %v288, label %done1, label %merge1
merge1:
  %v289 = select <4 x i1> %v271, <4 x double> %v257, <4 x double> %v231
  %v290 = select <4 x i1> %v271, <4 x double> %v258, <4 x double> %v232
  %v291 = select <4 x i1> %v271, <4 x double> %v259, <4 x double> %v233
  %v292 = select <4 x i1> %v271, <4 x double> %v278, <4 x double> %v234
  %v293 = select <4 x i1> %v271, <4 x double> %v279, <4 x double> %v235
  %v294 = select <4 x i1> %v271, <4 x i64> <i64 1, i64 1, i64 1, i64 1>, <4 x i64> <i64 0, i64 0, i64 0, i64 0>
  %v295 = or <4 x i64> %v277, %v294
  br label %done1
done1:
  %v296 = phi <4 x double> [ %v231, %done0 ], [ %v257, %run1 ], [ %v289, %merge1 ]
  %v297 = phi <4 x double> [ %v232, %done0 ], [ %v258, %run1 ], [ %v290, %merge1 ]
  %v298 = phi <4 x double> [ %v233, %done0 ], [ %v259, %run1 ], [ %v291, %merge1 ]
  %v299 = phi <4 x double> [ %v234, %done0 ], [ %v278, %run1 ], [ %v292, %merge1 ]
  %v300 = phi <4 x double> [ %v235, %done0 ], [ %v279, %run1 ], [ %v293, %merge1 ]
  %v301 = phi <4 x i64> [ %v236, %done0 ], [ %v287, %run1 ], [ %v295, %merge1 ]
  %v302 = phi i1 [ %v237, %done0 ], [ %v237, %run1 ], [ false, %merge1 ]
  %v303 = phi <4 x double> [ <double 0x7FF8000000000000, double 0x7FF8000000000000, double 0x7FF8000000000000, double 0x7FF8000000000000>, %done0 ], [ %v282, %run1 ], [ %v282, %merge1 ]
  %v304 = phi <4 x double> [ <double 0x7FF8000000000000, double 0x7FF8000000000000, double 0x7FF8000000000000, double 0x7FF8000000000000>, %done0 ], [ %v285, %run1 ], [ %v285, %merge1 ]
  %v305 = fcmp ord <4 x double> %v202, %v202
  %v306 = call i1 @llvm.vector.reduce.or.v4i1(<4 x i1> %v305)
  br i1 %v306, label %run2, label %done2
run2:
  %v307 = fadd <4 x double> <double 0x3FF0000000000000, double 0x3FF0000000000000, double 0x3FF0000000000000, double 0x3FF0000000000000>, %v298
  %v308 = fcmp olt <4 x double> %v202, <double 0x4022000000000000, double 0x4022000000000000, double 0x4022000000000000, double 0x4022000000000000>
  %v309 = and <4 x i1> %v305, %v308
  %v310 = select <4 x i1> %v309, <4 x double> %v202, <4 x double> <double 0x7FF8000000000000, double 0x7FF8000000000000, double 0x7FF8000000000000, double 0x7FF8000000000000>
  %v311 = fcmp uno <4 x double> %v310, %v310
  %v312 = select <4 x i1> %v311, <4 x double> <double 0x7FF8000000000000, double 0x7FF8000000000000, double 0x7FF8000000000000, double 0x7FF8000000000000>, <4 x double> %v310
  %v313 = select <4 x i1> %v309, <4 x double> %v307, <4 x double> <double 0x7FF8000000000000, double 0x7FF8000000000000, double 0x7FF8000000000000, double 0x7FF8000000000000>
  %v314 = fcmp uno <4 x double> %v313, %v313
  %v315 = select <4 x i1> %v314, <4 x double> <double 0x7FF8000000000000, double 0x7FF8000000000000, double 0x7FF8000000000000, double 0x7FF8000000000000>, <4 x double> %v313
  %v316 = call i1 @llvm.vector.reduce.and.v4i1(<4 x i1> %v309)
  br i1 %v316, label %done2, label %merge2
merge2:
  %v317 = select <4 x i1> %v309, <4 x double> %v202, <4 x double> %v296
  %v318 = select <4 x i1> %v309, <4 x double> %v297, <4 x double> %v297
  %v319 = select <4 x i1> %v309, <4 x double> %v307, <4 x double> %v298
  %v320 = select <4 x i1> %v309, <4 x double> %v299, <4 x double> %v299
  %v321 = select <4 x i1> %v309, <4 x double> %v300, <4 x double> %v300
  br label %done2
done2:
  %v322 = phi <4 x double> [ %v296, %done1 ], [ %v202, %run2 ], [ %v317, %merge2 ]
  %v323 = phi <4 x double> [ %v297, %done1 ], [ %v297, %run2 ], [ %v318, %merge2 ]
  %v324 = phi <4 x double> [ %v298, %done1 ], [ %v307, %run2 ], [ %v319, %merge2 ]
  %v325 = phi <4 x double> [ %v299, %done1 ], [ %v299, %run2 ], [ %v320, %merge2 ]
  %v326 = phi <4 x double> [ %v300, %done1 ], [ %v300, %run2 ], [ %v321, %merge2 ]
  %v327 = phi i1 [ %v302, %done1 ], [ %v302, %run2 ], [ false, %merge2 ]
  %v328 = phi <4 x double> [ <double 0x7FF8000000000000, double 0x7FF8000000000000, double 0x7FF8000000000000, double 0x7FF8000000000000>, %done1 ], [ %v312, %run2 ], [ %v312, %merge2 ]
  %v329 = phi <4 x double> [ <double 0x7FF8000000000000, double 0x7FF8000000000000, double 0x7FF8000000000000, double 0x7FF8000000000000>, %done1 ], [ %v315, %run2 ], [ %v315, %merge2 ]
  %v330 = and <4 x i64> %v301, <i64 4865, i64 4865, i64 4865, i64 4865>
  %v331 = icmp ne <4 x i64> %v330, <i64 0, i64 0, i64 0, i64 0>
  %v332 = select <4 x i1> %v331, <4 x i64> <i64 0, i64 0, i64 0, i64 0>, <4 x i64> <i64 4, i64 4, i64 4, i64 4>
  %v333 = or <4 x i64> %v301, %v332
  %v334 = and <4 x i64> %v333, <i64 1, i64 1, i64 1, i64 1>
  %v335 = icmp ne <4 x i64> %v334, <i64 0, i64 0, i64 0, i64 0>
  %v336 = select <4 x i1> %v335, <4 x double> %v325, <4 x double> <double 0x7FF8000000000000, double 0x7FF8000000000000, double 0x7FF8000000000000, double 0x7FF8000000000000>
  %v337 = uitofp <4 x i64> %v333 to <4 x double>
  %v338 = mul i64 %k, 13
  %v339 = add i64 %v338, 52
  %v340 = getelementptr double, ptr %v131, i64 %v339
  %v341 = getelementptr i8, ptr %v340, i64 0
  call void @llvm.prefetch.p0(ptr %v341, i32 1, i32 3, i32 1)
  %v342 = getelementptr i8, ptr %v340, i64 64
  call void @llvm.prefetch.p0(ptr %v342, i32 1, i32 3, i32 1)
  %v343 = getelementptr double, ptr %v133, i64 %v339
  %v344 = getelementptr i8, ptr %v343, i64 0
  call void @llvm.prefetch.p0(ptr %v344, i32 1, i32 3, i32 1)
  %v345 = getelementptr i8, ptr %v343, i64 64
  call void @llvm.prefetch.p0(ptr %v345, i32 1, i32 3, i32 1)
  %v346 = getelementptr double, ptr %v135, i64 %v339
  %v347 = getelementptr i8, ptr %v346, i64 0
  call void @llvm.prefetch.p0(ptr %v347, i32 1, i32 3, i32 1)
  %v348 = getelementptr i8, ptr %v346, i64 64
  call void @llvm.prefetch.p0(ptr %v348, i32 1, i32 3, i32 1)
  %v349 = getelementptr double, ptr %v137, i64 %v339
  %v350 = getelementptr i8, ptr %v349, i64 0
  call void @llvm.prefetch.p0(ptr %v350, i32 1, i32 3, i32 1)
  %v351 = getelementptr i8, ptr %v349, i64 64
  call void @llvm.prefetch.p0(ptr %v351, i32 1, i32 3, i32 1)
  %v352 = add i64 %v338, 0
  %v353 = shufflevector <4 x double> %v322, <4 x double> %v324, <4 x i32> <i32 0, i32 1, i32 4, i32 5>
  %v354 = shufflevector <4 x double> %v322, <4 x double> %v324, <4 x i32> <i32 2, i32 3, i32 6, i32 7>
  %v355 = shufflevector <4 x double> %v323, <4 x double> %v303, <4 x i32> <i32 0, i32 1, i32 4, i32 5>
  %v356 = shufflevector <4 x double> %v323, <4 x double> %v303, <4 x i32> <i32 2, i32 3, i32 6, i32 7>
  %v357 = shufflevector <4 x double> %v353, <4 x double> %v355, <4 x i32> <i32 0, i32 4, i32 2, i32 6>
  %v358 = shufflevector <4 x double> %v353, <4 x double> %v355, <4 x i32> <i32 1, i32 5, i32 3, i32 7>
  %v359 = shufflevector <4 x double> %v354, <4 x double> %v356, <4 x i32> <i32 0, i32 4, i32 2, i32 6>
  %v360 = shufflevector <4 x double> %v354, <4 x double> %v356, <4 x i32> <i32 1, i32 5, i32 3, i32 7>
  %v361 = getelementptr double, ptr %v131, i64 %v352
  store <4 x double> %v357, ptr %v361, align 8
  %v362 = getelementptr double, ptr %v133, i64 %v352
  store <4 x double> %v358, ptr %v362, align 8
  %v363 = getelementptr double, ptr %v135, i64 %v352
  store <4 x double> %v359, ptr %v363, align 8
  %v364 = getelementptr double, ptr %v137, i64 %v352
  store <4 x double> %v360, ptr %v364, align 8
  %v365 = add i64 %v338, 4
  %v366 = shufflevector <4 x double> %v328, <4 x double> %v231, <4 x i32> <i32 0, i32 1, i32 4, i32 5>
  %v367 = shufflevector <4 x double> %v328, <4 x double> %v231, <4 x i32> <i32 2, i32 3, i32 6, i32 7>
  %v368 = shufflevector <4 x double> %v304, <4 x double> %v232, <4 x i32> <i32 0, i32 1, i32 4, i32 5>
  %v369 = shufflevector <4 x double> %v304, <4 x double> %v232, <4 x i32> <i32 2, i32 3, i32 6, i32 7>
  %v370 = shufflevector <4 x double> %v366, <4 x double> %v368, <4 x i32> <i32 0, i32 4, i32 2, i32 6>
  %v371 = shufflevector <4 x double> %v366, <4 x double> %v368, <4 x i32> <i32 1, i32 5, i32 3, i32 7>
  %v372 = shufflevector <4 x double> %v367, <4 x double> %v369, <4 x i32> <i32 0, i32 4, i32 2, i32 6>
  %v373 = shufflevector <4 x double> %v367, <4 x double> %v369, <4 x i32> <i32 1, i32 5, i32 3, i32 7>
  %v374 = getelementptr double, ptr %v131, i64 %v365
  store <4 x double> %v370, ptr %v374, align 8
  %v375 = getelementptr double, ptr %v133, i64 %v365
  store <4 x double> %v371, ptr %v375, align 8
  %v376 = getelementptr double, ptr %v135, i64 %v365
  store <4 x double> %v372, ptr %v376, align 8
  %v377 = getelementptr double, ptr %v137, i64 %v365
  store <4 x double> %v373, ptr %v377, align 8
  %v378 = add i64 %v338, 8
  %v379 = shufflevector <4 x double> %v233, <4 x double> %v326, <4 x i32> <i32 0, i32 1, i32 4, i32 5>
  %v380 = shufflevector <4 x double> %v233, <4 x double> %v326, <4 x i32> <i32 2, i32 3, i32 6, i32 7>
  %v381 = shufflevector <4 x double> %v336, <4 x double> %v337, <4 x i32> <i32 0, i32 1, i32 4, i32 5>
  %v382 = shufflevector <4 x double> %v336, <4 x double> %v337, <4 x i32> <i32 2, i32 3, i32 6, i32 7>
  %v383 = shufflevector <4 x double> %v379, <4 x double> %v381, <4 x i32> <i32 0, i32 4, i32 2, i32 6>
  %v384 = shufflevector <4 x double> %v379, <4 x double> %v381, <4 x i32> <i32 1, i32 5, i32 3, i32 7>
  %v385 = shufflevector <4 x double> %v380, <4 x double> %v382, <4 x i32> <i32 0, i32 4, i32 2, i32 6>
  %v386 = shufflevector <4 x double> %v380, <4 x double> %v382, <4 x i32> <i32 1, i32 5, i32 3, i32 7>
  %v387 = getelementptr double, ptr %v131, i64 %v378
  store <4 x double> %v383, ptr %v387, align 8
  %v388 = getelementptr double, ptr %v133, i64 %v378
  store <4 x double> %v384, ptr %v388, align 8
  %v389 = getelementptr double, ptr %v135, i64 %v378
  store <4 x double> %v385, ptr %v389, align 8
  %v390 = getelementptr double, ptr %v137, i64 %v378
  store <4 x double> %v386, ptr %v390, align 8
  %v391 = add i64 %v338, 12
  %v392 = shufflevector <4 x double> %v329, <4 x double> poison, <4 x i32> <i32 0, i32 1, i32 4, i32 5>
  %v393 = shufflevector <4 x double> %v329, <4 x double> poison, <4 x i32> <i32 2, i32 3, i32 6, i32 7>
  %v394 = shufflevector <4 x double> %v392, <4 x double> poison, <4 x i32> <i32 0, i32 4, i32 2, i32 6>
  %v395 = shufflevector <4 x double> %v392, <4 x double> poison, <4 x i32> <i32 1, i32 5, i32 3, i32 7>
  %v396 = shufflevector <4 x double> %v393, <4 x double> poison, <4 x i32> <i32 0, i32 4, i32 2, i32 6>
  %v397 = shufflevector <4 x double> %v393, <4 x double> poison, <4 x i32> <i32 1, i32 5, i32 3, i32 7>
  %v398 = getelementptr double, ptr %v131, i64 %v391
  call void @llvm.masked.store.v4f64.p0(<4 x double> %v394, ptr %v398, i32 8, <4 x i1> <i1 true, i1 false, i1 false, i1 false>)
  %v399 = getelementptr double, ptr %v133, i64 %v391
  call void @llvm.masked.store.v4f64.p0(<4 x double> %v395, ptr %v399, i32 8, <4 x i1> <i1 true, i1 false, i1 false, i1 false>)
  %v400 = getelementptr double, ptr %v135, i64 %v391
  call void @llvm.masked.store.v4f64.p0(<4 x double> %v396, ptr %v400, i32 8, <4 x i1> <i1 true, i1 false, i1 false, i1 false>)
  %v401 = getelementptr double, ptr %v137, i64 %v391
  call void @llvm.masked.store.v4f64.p0(<4 x double> %v397, ptr %v401, i32 8, <4 x i1> <i1 true, i1 false, i1 false, i1 false>)
  %v402 = fadd <4 x double> %total, %v326
  br label %row.done
row.done:
  %c0.next = phi <4 x double> [ %v322, %done2 ]
  %c1.next = phi <4 x double> [ %v323, %done2 ]
  %c2.next = phi <4 x double> [ %v324, %done2 ]
  %total.next = phi <4 x double> [ %v402, %done2 ]
  %seen.next = or <4 x i64> %seen, %v333
  %k.next = add i64 %k, 1
  %v403 = icmp slt i64 %k.next, %v4
  br i1 %v403, label %row, label %track.done
track.done:
  %v404 = phi <4 x double> [ %v64, %track ], [ %c0.next, %row.done ]
  %v405 = phi <4 x double> [ %v76, %track ], [ %c1.next, %row.done ]
  %v406 = phi <4 x double> [ %v88, %track ], [ %c2.next, %row.done ]
  %v407 = phi <4 x double> [ %v100, %track ], [ %total.next, %row.done ]
  %v408 = phi <4 x i64> [ %v113, %track ], [ %seen.next, %row.done ]
  %v409 = uitofp <4 x i64> %v408 to <4 x double>
  %v410 = mul i64 %v41, 5
  %v411 = getelementptr double, ptr %v24, i64 %v410
  %v412 = mul i64 %v42, 5
  %v413 = getelementptr double, ptr %v24, i64 %v412
  %v414 = mul i64 %v43, 5
  %v415 = getelementptr double, ptr %v24, i64 %v414
  %v416 = mul i64 %v44, 5
  %v417 = getelementptr double, ptr %v24, i64 %v416
  %v418 = extractelement <4 x double> %v404, i64 0
  %v419 = getelementptr double, ptr %v411, i64 0
  store double %v418, ptr %v419
  %v420 = extractelement <4 x double> %v404, i64 1
  %v421 = getelementptr double, ptr %v413, i64 0
  store double %v420, ptr %v421
  %v422 = extractelement <4 x double> %v404, i64 2
  %v423 = getelementptr double, ptr %v415, i64 0
  store double %v422, ptr %v423
  %v424 = extractelement <4 x double> %v404, i64 3
  %v425 = getelementptr double, ptr %v417, i64 0
  store double %v424, ptr %v425
  %v426 = extractelement <4 x double> %v405, i64 0
  %v427 = getelementptr double, ptr %v411, i64 1
  store double %v426, ptr %v427
  %v428 = extractelement <4 x double> %v405, i64 1
  %v429 = getelementptr double, ptr %v413, i64 1
  store double %v428, ptr %v429
  %v430 = extractelement <4 x double> %v405, i64 2
  %v431 = getelementptr double, ptr %v415, i64 1
  store double %v430, ptr %v431
  %v432 = extractelement <4 x double> %v405, i64 3
  %v433 = getelementptr double, ptr %v417, i64 1
  store double %v432, ptr %v433
  %v434 = extractelement <4 x double> %v406, i64 0
  %v435 = getelementptr double, ptr %v411, i64 2
  store double %v434, ptr %v435
  %v436 = extractelement <4 x double> %v406, i64 1
  %v437 = getelementptr double, ptr %v413, i64 2
  store double %v436, ptr %v437
  %v438 = extractelement <4 x double> %v406, i64 2
  %v439 = getelementptr double, ptr %v415, i64 2
  store double %v438, ptr %v439
  %v440 = extractelement <4 x double> %v406, i64 3
  %v441 = getelementptr double, ptr %v417, i64 2
  store double %v440, ptr %v441
  %v442 = extractelement <4 x double> %v407, i64 0
  %v443 = getelementptr double, ptr %v411, i64 3
  store double %v442, ptr %v443
  %v444 = extractelement <4 x double> %v407, i64 1
  %v445 = getelementptr double, ptr %v413, i64 3
  store double %v444, ptr %v445
  %v446 = extractelement <4 x double> %v407, i64 2
  %v447 = getelementptr double, ptr %v415, i64 3
  store double %v446, ptr %v447
  %v448 = extractelement <4 x double> %v407, i64 3
  %v449 = getelementptr double, ptr %v417, i64 3
  store double %v448, ptr %v449
  %v450 = extractelement <4 x double> %v409, i64 0
  %v451 = getelementptr double, ptr %v411, i64 4
  store double %v450, ptr %v451
  %v452 = extractelement <4 x double> %v409, i64 1
  %v453 = getelementptr double, ptr %v413, i64 4
  store double %v452, ptr %v453
  %v454 = extractelement <4 x double> %v409, i64 2
  %v455 = getelementptr double, ptr %v415, i64 4
  store double %v454, ptr %v455
  %v456 = extractelement <4 x double> %v409, i64 3
  %v457 = getelementptr double, ptr %v417, i64 4
  store double %v456, ptr %v457
  br label %track.next
track.next:
  %block.next = add i64 %block, 4
  %v458 = icmp slt i64 %block.next, %v2
  br i1 %v458, label %track, label %end
end:
  ret void
}
attributes #0 = { nounwind "prefer-vector-width"="256" "min-legal-vector-width"="256" }
