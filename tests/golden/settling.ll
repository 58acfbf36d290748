declare double @llvm.sqrt.f64(double)
declare double @llvm.floor.f64(double)
declare double @llvm.rint.f64(double)
declare double @llvm.fabs.f64(double)
declare double @llvm.copysign.f64(double, double)
declare i64 @llvm.usub.sat.i64(i64, i64)

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
  %v33 = getelementptr double, ptr %v18, i64 0
  %v34 = load double, ptr %v33
  %v35 = sub i64 %v2, 1
  %v36 = icmp sge i64 %v35, 0
  br i1 %v36, label %track, label %end
track:
  %block = phi i64 [ 0, %entry ], [ %block.next, %track.next ]
  %v37 = icmp slt i64 %block, %v35
  %v38 = select i1 %v37, i64 %block, i64 %v35
  %v39 = add i64 %v38, 0
  %v40 = mul i64 %v39, %v22
  %v41 = getelementptr double, ptr %v20, i64 %v40
  %v42 = getelementptr double, ptr %v41, i64 0
  %v43 = load double, ptr %v42
  %v44 = getelementptr double, ptr %v41, i64 1
  %v45 = load double, ptr %v44
  %v46 = getelementptr double, ptr %v41, i64 2
  %v47 = load double, ptr %v46
  %v48 = getelementptr double, ptr %v41, i64 3
  %v49 = load double, ptr %v48
  %v50 = getelementptr double, ptr %v41, i64 4
  %v51 = load double, ptr %v50
  %v52 = fptoui double %v51 to i64
  %v53 = mul i64 %v39, %v10
  %v54 = getelementptr double, ptr %v8, i64 %v53
  %v55 = mul i64 %v39, %v16
  %v56 = getelementptr double, ptr %v14, i64 %v55
  %v57 = mul i64 %v39, %v28
  %v58 = getelementptr double, ptr %v26, i64 %v57
  %v59 = icmp sgt i64 %v4, 0
  br i1 %v59, label %row, label %track.done
row:
  %k = phi i64 [ 0, %track ], [ %k.next, %row.done ]
  %slot = phi i64 [ 0, %track ], [ %slot.next, %row.done ]
  %c0 = phi double [ %v43, %track ], [ %c0.next, %row.done ]
  %c1 = phi double [ %v45, %track ], [ %c1.next, %row.done ]
  %c2 = phi double [ %v47, %track ], [ %c2.next, %row.done ]
  %total = phi double [ %v49, %track ], [ %total.next, %row.done ]
  %seen = phi i64 [ %v52, %track ], [ %seen.next, %row.done ]
  %v60 = getelementptr double, ptr %v6, i64 %k
  %v61 = load double, ptr %v60
  %v62 = mul i64 %k, 2
  %v63 = add i64 %v62, 0
  %v64 = getelementptr double, ptr %v56, i64 %v63
  %v65 = load double, ptr %v64
  %v66 = add i64 %v62, 1
  %v67 = getelementptr double, ptr %v56, i64 %v66
  %v68 = load double, ptr %v67
  %v69 = getelementptr double, ptr %v6, i64 %k
  %v70 = load double, ptr %v69
  %v71 = mul i64 %slot, 128
  %v72 = getelementptr i8, ptr %v30, i64 %v71
  %v73 = getelementptr i8, ptr %v72, i64 32
  %v74 = fcmp ord double %v65, %v65
  %v75 = select i1 %v74, i64 1, i64 0
  %v76 = or i64 0, %v75
  %v77 = icmp eq i1 %v74, %v74
  %v78 = and i1 true, %v77
  %v79 = fcmp ord double %v68, %v68
  %v80 = select i1 %v79, i64 2, i64 0
  %v81 = or i64 %v76, %v80
  %v82 = icmp eq i1 %v79, %v79
  %v83 = and i1 %v78, %v82
  %v84 = getelementptr double, ptr %v73, i64 0
  %v85 = load double, ptr %v84, align 8
  %v86 = bitcast double %c2 to i64
  %v87 = bitcast double %v85 to i64
  %v88 = xor i64 %v86, %v87
  %v89 = or i64 0, %v88
  %v90 = icmp eq i64 %v89, 0
  %v91 = getelementptr i8, ptr %v72, i64 0
  %v92 = load i64, ptr %v91
  %v93 = getelementptr i8, ptr %v72, i64 8
  %v94 = load double, ptr %v93
  %v95 = bitcast double %v94 to i64
  %v96 = bitcast double %v70 to i64
  %v97 = icmp eq i64 %v95, %v96
  %v98 = icmp eq i64 %v92, %v81
  %v99 = and i1 %v98, %v97
  %v100 = and i1 %v99, %v90
  %v101 = and i1 %v83, %v100
  br i1 %v101, label %compare, label %slow
compare:
  %v102 = getelementptr double, ptr %v73, i64 1
  %v103 = load double, ptr %v102, align 8
  %v104 = getelementptr double, ptr %v73, i64 2
  %v105 = load double, ptr %v104, align 8
  %v106 = bitcast double %c1 to i64
  %v107 = bitcast double %v103 to i64
  %v108 = xor i64 %v106, %v107
  %v109 = or i64 0, %v108
  %v110 = bitcast double %c2 to i64
  %v111 = bitcast double %v105 to i64
  %v112 = xor i64 %v110, %v111
  %v113 = or i64 %v109, %v112
  %v114 = icmp eq i64 %v113, 0
  %v115 = getelementptr i8, ptr %v72, i64 16
  %v116 = load i64, ptr %v115
  %v117 = getelementptr i8, ptr %v72, i64 24
  %v118 = load double, ptr %v117
  %v119 = bitcast double %v118 to i64
  %v120 = bitcast double %v70 to i64
  %v121 = icmp eq i64 %v119, %v120
  %v122 = icmp eq i64 %v116, %v81
  %v123 = and i1 %v122, %v121
  %v124 = and i1 %v123, %v114
  br i1 %v124, label %fast, label %slow
fast:
  %v125 = fcmp ogt double %v61, 0x0000000000000000
  br i1 %v125, label %fast.run0, label %fast.done0
fast.run0:
  %v126 = getelementptr double, ptr %v73, i64 3
  %v127 = load double, ptr %v126, align 8
  %v128 = getelementptr double, ptr %v73, i64 4
  %v129 = load double, ptr %v128, align 8
  %v130 = getelementptr double, ptr %v73, i64 5
  %v131 = load double, ptr %v130, align 8
  %v132 = getelementptr double, ptr %v73, i64 6
  %v133 = load double, ptr %v132, align 8
  %v134 = fcmp one double %v133, 0x0000000000000000
  %v135 = fadd double %c0, %v131
  %v136 = fcmp olt double %c0, 0x41CDCD6500000000
  %v137 = and i1 %v134, %v136
  %v138 = and i1 %v125, %v137
  br i1 %v138, label %fast.done0, label %slow
fast.done0:
  %v139 = phi double [ %c0, %fast ], [ %v135, %fast.run0 ]
  %v140 = phi double [ %c1, %fast ], [ %v127, %fast.run0 ]
  %v141 = phi double [ %c2, %fast ], [ %v129, %fast.run0 ]
  %v142 = fcmp ord double %v65, %v65
  %v143 = fcmp ord double %v68, %v68
  %v144 = or i1 %v142, %v143
  br i1 %v144, label %fast.run1, label %fast.done1
fast.run1:
  %v145 = getelementptr double, ptr %v73, i64 7
  %v146 = load double, ptr %v145, align 8
  %v147 = getelementptr double, ptr %v73, i64 8
  %v148 = load double, ptr %v147, align 8
  %v149 = getelementptr double, ptr %v73, i64 9
  %v150 = load double, ptr %v149, align 8
  %v151 = getelementptr double, ptr %v73, i64 10
  %v152 = load double, ptr %v151, align 8
  %v153 = fcmp one double %v152, 0x0000000000000000
  %v154 = getelementptr double, ptr %v73, i64 11
  %v155 = load double, ptr %v154, align 8
  %v156 = fcmp one double %v155, 0x0000000000000000
  %v157 = fcmp oeq double %v65, %v65
  %v158 = fcmp oeq double %v68, %v68
  %v159 = fsub double %v65, %v139
  %v160 = select i1 %v157, double %v159, double 0x0000000000000000
  %v161 = fmul double %v146, %v160
  %v162 = fadd double %v139, %v161
  %v163 = fcmp olt double %v160, 0x41CDCD6500000000
  %v164 = and i1 %v163, %v153
  %v165 = fmul double %v160, %v160
  %v166 = fcmp une double %v68, %v68
  %v167 = and i1 %v144, %v164
  %v168 = and i1 %v144, %v156
  %v169 = select i1 %v168, i64 2, i64 0
  %v170 = or i64 0, %v169
  %v171 = fadd double 0x0000000000000000, %v165
  %v172 = fadd double 0x0000000000000000, %v161
  %v173 = select i1 %v167, double %v160, double 0x7FF8000000000000
  %v174 = fcmp uno double %v173, %v173
  %v175 = select i1 %v174, double 0x7FF8000000000000, double %v173
  %v176 = select i1 %v167, double %v146, double 0x7FF8000000000000
  %v177 = fcmp uno double %v176, %v176
  %v178 = select i1 %v177, double 0x7FF8000000000000, double %v176
  %v179 = select i1 true, i64 1, i64 0
  %v180 = or i64 %v170, %v179
  br i1 %v167, label %fast.done1, label %slow
fast.done1:
  %v181 = phi double [ %v139, %fast.done0 ], [ %v162, %fast.run1 ]
  %v182 = phi double [ %v140, %fast.done0 ], [ %v148, %fast.run1 ]
  %v183 = phi double [ %v141, %fast.done0 ], [ %v150, %fast.run1 ]
  %v184 = phi double [ 0x0000000000000000, %fast.done0 ], [ %v171, %fast.run1 ]
  %v185 = phi double [ 0x0000000000000000, %fast.done0 ], [ %v172, %fast.run1 ]
  %v186 = phi i64 [ 0, %fast.done0 ], [ %v180, %fast.run1 ]
  %v187 = phi double [ 0x7FF8000000000000, %fast.done0 ], [ %v175, %fast.run1 ]
  %v188 = phi double [ 0x7FF8000000000000, %fast.done0 ], [ %v178, %fast.run1 ]
  br label %tail
slow:
  %v189 = getelementptr i8, ptr %v72, i64 0
  store i64 %v81, ptr %v189
  %v190 = getelementptr i8, ptr %v72, i64 8
  store double %v70, ptr %v190
  %v191 = getelementptr double, ptr %v73, i64 0
  store double %c2, ptr %v191, align 8
  br i1 %v101, label %remember, label %remembered
remember:
  %v192 = getelementptr i8, ptr %v72, i64 16
  store i64 %v81, ptr %v192
  %v193 = getelementptr i8, ptr %v72, i64 24
  store double %v70, ptr %v193
  %v194 = getelementptr double, ptr %v73, i64 1
  store double %c1, ptr %v194, align 8
  %v195 = getelementptr double, ptr %v73, i64 2
  store double %c2, ptr %v195, align 8
  br label %remembered
remembered:
  %v196 = fcmp ogt double %v61, 0x0000000000000000
  br i1 %v196, label %run0, label %done0
run0:
  %v197 = fmul double %c1, 0x3FE0000000000000
  %v198 = fadd double %v61, %v197
  %v199 = fmul double %c2, 0x3FD0000000000000
  %v200 = fadd double %v199, %v34
  %v201 = fmul double 0x3FE0000000000000, %v198
  %v202 = fadd double %v61, %v201
  %v203 = fmul double 0x3FD0000000000000, %v200
  %v204 = fadd double %v34, %v203
  %v205 = fmul double 0x3FE0000000000000, %v202
  %v206 = fadd double %v61, %v205
  %v207 = fmul double 0x3FD0000000000000, %v204
  %v208 = fadd double %v34, %v207
  %v209 = fmul double 0x3FE0000000000000, %v206
  %v210 = fadd double %v61, %v209
  %v211 = fmul double 0x3FD0000000000000, %v208
  %v212 = fadd double %v34, %v211
  %v213 = fmul double 0x3FE0000000000000, %v210
  %v214 = fadd double %v61, %v213
  %v215 = fmul double 0x3FD0000000000000, %v212
  %v216 = fadd double %v34, %v215
  %v217 = fmul double 0x3FE0000000000000, %v214
  %v218 = fadd double %v61, %v217
  %v219 = fmul double 0x3FD0000000000000, %v216
  %v220 = fadd double %v34, %v219
  %v221 = fmul double 0x3FE0000000000000, %v218
  %v222 = fadd double %v61, %v221
  %v223 = fmul double 0x3FD0000000000000, %v220
  %v224 = fadd double %v34, %v223
  %v225 = fmul double 0x3FE0000000000000, %v222
  %v226 = fadd double %v61, %v225
  %v227 = fmul double 0x3FD0000000000000, %v224
  %v228 = fadd double %v34, %v227
  %v229 = fmul double 0x3FE0000000000000, %v226
  %v230 = fadd double %v61, %v229
  %v231 = fmul double 0x3FD0000000000000, %v228
  %v232 = fadd double %v34, %v231
  %v233 = fmul double %v61, %v232
  %v234 = fadd double %c0, %v233
  %v235 = fcmp olt double %v230, 0x4049000000000000
  %v236 = fcmp olt double %c0, 0x41CDCD6500000000
  %v237 = and i1 %v235, %v236
  br i1 %v101, label %save0, label %saved0
save0:
  %v238 = getelementptr double, ptr %v73, i64 3
  store double %v230, ptr %v238, align 8
  %v239 = getelementptr double, ptr %v73, i64 4
  store double %v232, ptr %v239, align 8
  %v240 = getelementptr double, ptr %v73, i64 5
  store double %v233, ptr %v240, align 8
  %v241 = select i1 %v235, double 0x3FF0000000000000, double 0x0000000000000000
  %v242 = getelementptr double, ptr %v73, i64 6
  store double %v241, ptr %v242, align 8
  br label %saved0
saved0:
  %v243 = and i1 %v196, %v237
  br i1 %v243, label %done0, label %merge0
merge0:
  %v244 = getelementptr i8, ptr %v72, i64 0
  store i64 -1, ptr %v244
  %v245 = getelementptr i8, ptr %v72, i64 16
  store i64 -1, ptr %v245
  %v246 = select i1 %v243, double %v234, double %c0
  %v247 = select i1 %v243, double %v230, double %c1
  %v248 = select i1 %v243, double %v232, double %c2
  %v249 = select i1 %v243, double 0x0000000000000000, double 0x0000000000000000
  %v250 = select i1 %v243, double 0x0000000000000000, double 0x0000000000000000
  br label %done0
done0:
  %v251 = phi double [ %c0, %remembered ], [ %v234, %saved0 ], [ %v246, %merge0 ]
  %v252 = phi double [ %c1, %remembered ], [ %v230, %saved0 ], [ %v247, %merge0 ]
  %v253 = phi double [ %c2, %remembered ], [ %v232, %saved0 ], [ %v248, %merge0 ]
  %v254 = phi double [ 0x0000000000000000, %remembered ], [ 0x0000000000000000, %saved0 ], [ %v249, %merge0 ]
  %v255 = phi double [ 0x0000000000000000, %remembered ], [ 0x0000000000000000, %saved0 ], [ %v250, %merge0 ]
  %v256 = fcmp ord double %v65, %v65
  %v257 = fcmp ord double %v68, %v68
  %v258 = or i1 %v256, %v257
  br i1 %v258, label %run1, label %done1
run1:
  %v259 = fcmp oeq double %v65, %v65
  %v260 = fcmp oeq double %v68, %v68
  %v261 = fadd double %v252, %v253
  %v262 = fdiv double %v252, %v261
  %v263 = select i1 %v259, double %v262, double 0x0000000000000000
  %v264 = select i1 %v260, double 0x3FC0000000000000, double 0x0000000000000000
  %v265 = fadd double %v263, %v264
  %v266 = fsub double %v65, %v251
  %v267 = select i1 %v259, double %v266, double 0x0000000000000000
  %v268 = fmul double %v252, %v265
  %v269 = fsub double %v253, %v268
  %v270 = fmul double %v265, %v267
  %v271 = fadd double %v251, %v270
  %v272 = fmul double %v252, 0x3FE8000000000000
  %v273 = fcmp olt double 0x3FE0000000000000, %v269
  %v274 = select i1 %v273, double %v269, double %v253
  %v275 = fcmp olt double %v267, 0x41CDCD6500000000
  %v276 = fcmp olt double %v269, 0x404E000000000000
  %v277 = and i1 %v275, %v276
  %v278 = fmul double %v267, %v267
  %v279 = fcmp une double %v68, %v68
  %v280 = xor i1 %v259, true
  %v281 = or i1 %v279, %v280
  br i1 %v101, label %save1, label %saved1
save1:
  %v282 = getelementptr double, ptr %v73, i64 7
  store double %v265, ptr %v282, align 8
  %v283 = getelementptr double, ptr %v73, i64 8
  store double %v272, ptr %v283, align 8
  %v284 = getelementptr double, ptr %v73, i64 9
  store double %v274, ptr %v284, align 8
  %v285 = select i1 %v276, double 0x3FF0000000000000, double 0x0000000000000000
  %v286 = getelementptr double, ptr %v73, i64 10
  store double %v285, ptr %v286, align 8
  %v287 = select i1 %v281, double 0x3FF0000000000000, double 0x0000000000000000
  %v288 = getelementptr double, ptr %v73, i64 11
  store double %v287, ptr %v288, align 8
  br label %saved1
saved1:
  %v289 = and i1 %v258, %v277
  %v290 = and i1 %v258, %v281
  %v291 = select i1 %v290, i64 2, i64 0
  %v292 = or i64 0, %v291
  %v293 = fadd double %v254, %v278
  %v294 = fadd double %v255, %v270
  %v295 = select i1 %v289, double %v267, double 0x7FF8000000000000
  %v296 = fcmp uno double %v295, %v295
  %v297 = select i1 %v296, double 0x7FF8000000000000, double %v295
  %v298 = select i1 %v289, double %v265, double 0x7FF8000000000000
  %v299 = fcmp uno double %v298, %v298
  %v300 = select i1 %v299, double 0x7FF8000000000000, double %v298
  %v301 = select i1 true, i64 1, i64 0
  %v302 = or i64 %v292, %v301
  br i1 %v289, label %done1, label %merge1
merge1:
  %v303 = getelementptr i8, ptr %v72, i64 0
  store i64 -1, ptr %v303
  %v304 = getelementptr i8, ptr %v72, i64 16
  store i64 -1, ptr %v304
  %v305 = select i1 %v289, double %v271, double %v251
  %v306 = select i1 %v289, double %v272, double %v252
  %v307 = select i1 %v289, double %v274, double %v253
  %v308 = select i1 %v289, double %v293, double %v254
  %v309 = select i1 %v289, double %v294, double %v255
  %v310 = select i1 %v289, i64 1, i64 0
  %v311 = or i64 %v292, %v310
  br label %done1
done1:
  %v312 = phi double [ %v251, %done0 ], [ %v271, %saved1 ], [ %v305, %merge1 ]
  %v313 = phi double [ %v252, %done0 ], [ %v272, %saved1 ], [ %v306, %merge1 ]
  %v314 = phi double [ %v253, %done0 ], [ %v274, %saved1 ], [ %v307, %merge1 ]
  %v315 = phi double [ %v254, %done0 ], [ %v293, %saved1 ], [ %v308, %merge1 ]
  %v316 = phi double [ %v255, %done0 ], [ %v294, %saved1 ], [ %v309, %merge1 ]
  %v317 = phi i64 [ 0, %done0 ], [ %v302, %saved1 ], [ %v311, %merge1 ]
  %v318 = phi double [ 0x7FF8000000000000, %done0 ], [ %v297, %saved1 ], [ %v297, %merge1 ]
  %v319 = phi double [ 0x7FF8000000000000, %done0 ], [ %v300, %saved1 ], [ %v300, %merge1 ]
  br label %tail
tail:
  %v320 = phi double [ %v181, %fast.done1 ], [ %v312, %done1 ]
  %v321 = phi double [ %v182, %fast.done1 ], [ %v313, %done1 ]
  %v322 = phi double [ %v183, %fast.done1 ], [ %v314, %done1 ]
  %v323 = phi double [ %v184, %fast.done1 ], [ %v315, %done1 ]
  %v324 = phi double [ %v185, %fast.done1 ], [ %v316, %done1 ]
  %v325 = phi i64 [ %v186, %fast.done1 ], [ %v317, %done1 ]
  %v326 = phi double [ %v187, %fast.done1 ], [ %v318, %done1 ]
  %v327 = phi double [ %v188, %fast.done1 ], [ %v319, %done1 ]
  %v328 = and i64 %v325, 4865
  %v329 = icmp ne i64 %v328, 0
  %v330 = select i1 %v329, i64 0, i64 4
  %v331 = or i64 %v325, %v330
  %v332 = and i64 %v331, 1
  %v333 = icmp ne i64 %v332, 0
  %v334 = select i1 %v333, double %v323, double 0x7FF8000000000000
  %v335 = uitofp i64 %v331 to double
  %v336 = mul i64 %k, 8
  %v337 = add i64 %v336, 32
  %v338 = add i64 %v336, 0
  %v339 = getelementptr double, ptr %v58, i64 %v338
  store double %v320, ptr %v339
  %v340 = add i64 %v336, 1
  %v341 = getelementptr double, ptr %v58, i64 %v340
  store double %v321, ptr %v341
  %v342 = add i64 %v336, 2
  %v343 = getelementptr double, ptr %v58, i64 %v342
  store double %v322, ptr %v343
  %v344 = add i64 %v336, 3
  %v345 = getelementptr double, ptr %v58, i64 %v344
  store double %v326, ptr %v345
  %v346 = add i64 %v336, 4
  %v347 = getelementptr double, ptr %v58, i64 %v346
  store double %v327, ptr %v347
  %v348 = add i64 %v336, 5
  %v349 = getelementptr double, ptr %v58, i64 %v348
  store double %v334, ptr %v349
  %v350 = add i64 %v336, 6
  %v351 = getelementptr double, ptr %v58, i64 %v350
  store double %v324, ptr %v351
  %v352 = add i64 %v336, 7
  %v353 = getelementptr double, ptr %v58, i64 %v352
  store double %v335, ptr %v353
  %v354 = fadd double %total, %v324
  br label %row.done
row.done:
  %c0.next = phi double [ %v320, %tail ]
  %c1.next = phi double [ %v321, %tail ]
  %c2.next = phi double [ %v322, %tail ]
  %total.next = phi double [ %v354, %tail ]
  %seen.next = or i64 %seen, %v331
  %k.next = add i64 %k, 1
  %v355 = add i64 %slot, 1
  %v356 = icmp eq i64 %v355, %v32
  %slot.next = select i1 %v356, i64 0, i64 %v355
  %v357 = icmp slt i64 %k.next, %v4
  br i1 %v357, label %row, label %track.done
track.done:
  %v358 = phi double [ %v43, %track ], [ %c0.next, %row.done ]
  %v359 = phi double [ %v45, %track ], [ %c1.next, %row.done ]
  %v360 = phi double [ %v47, %track ], [ %c2.next, %row.done ]
  %v361 = phi double [ %v49, %track ], [ %total.next, %row.done ]
  %v362 = phi i64 [ %v52, %track ], [ %seen.next, %row.done ]
  %v363 = uitofp i64 %v362 to double
  %v364 = mul i64 %v39, 5
  %v365 = getelementptr double, ptr %v24, i64 %v364
  %v366 = getelementptr double, ptr %v365, i64 0
  store double %v358, ptr %v366
  %v367 = getelementptr double, ptr %v365, i64 1
  store double %v359, ptr %v367
  %v368 = getelementptr double, ptr %v365, i64 2
  store double %v360, ptr %v368
  %v369 = getelementptr double, ptr %v365, i64 3
  store double %v361, ptr %v369
  %v370 = getelementptr double, ptr %v365, i64 4
  store double %v363, ptr %v370
  br label %track.next
track.next:
  %block.next = add i64 %block, 1
  %v371 = icmp slt i64 %block.next, %v2
  br i1 %v371, label %track, label %end
end:
  ret void
}
attributes #0 = { nounwind "prefer-vector-width"="64" "min-legal-vector-width"="64" }
