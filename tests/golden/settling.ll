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
  %was.fast = phi i1 [ false, %track ], [ %is.fast, %row.done ]
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
  %v71 = mul i64 %slot, 136
  %v72 = getelementptr i8, ptr %v30, i64 %v71
  %v73 = getelementptr i8, ptr %v72, i64 40
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
  %v102 = getelementptr i8, ptr %v72, i64 32
  %v103 = load i64, ptr %v102
  %v104 = icmp eq i64 %v103, 1
  %v105 = and i1 %was.fast, %v104
  %v106 = getelementptr i8, ptr %v72, i64 16
  %v107 = load i64, ptr %v106
  %v108 = getelementptr i8, ptr %v72, i64 24
  %v109 = load double, ptr %v108
  %v110 = bitcast double %v109 to i64
  %v111 = bitcast double %v70 to i64
  %v112 = icmp eq i64 %v110, %v111
  %v113 = icmp eq i64 %v107, %v81
  %v114 = and i1 %v113, %v112
  %v115 = and i1 %v101, %v114
  %v116 = and i1 %v115, %v105
  br i1 %v116, label %fast, label %look
look:
  br i1 %v115, label %compare, label %slow
compare:
  %v117 = getelementptr double, ptr %v73, i64 1
  %v118 = load double, ptr %v117, align 8
  %v119 = getelementptr double, ptr %v73, i64 2
  %v120 = load double, ptr %v119, align 8
  %v121 = bitcast double %c1 to i64
  %v122 = bitcast double %v118 to i64
  %v123 = xor i64 %v121, %v122
  %v124 = or i64 0, %v123
  %v125 = bitcast double %c2 to i64
  %v126 = bitcast double %v120 to i64
  %v127 = xor i64 %v125, %v126
  %v128 = or i64 %v124, %v127
  %v129 = icmp eq i64 %v128, 0
  br i1 %v129, label %found, label %slow
found:
  %v130 = zext i1 %was.fast to i64
  %v131 = getelementptr i8, ptr %v72, i64 32
  store i64 %v130, ptr %v131
  br label %fast
fast:
  %v132 = fcmp ogt double %v61, 0x0000000000000000
  br i1 %v132, label %fast.run0, label %fast.done0
fast.run0:
  %v133 = getelementptr double, ptr %v73, i64 3
  %v134 = load double, ptr %v133, align 8
  %v135 = getelementptr double, ptr %v73, i64 4
  %v136 = load double, ptr %v135, align 8
  %v137 = getelementptr double, ptr %v73, i64 5
  %v138 = load double, ptr %v137, align 8
  %v139 = getelementptr double, ptr %v73, i64 6
  %v140 = load double, ptr %v139, align 8
  %v141 = fcmp one double %v140, 0x0000000000000000
  %v142 = fadd double %c0, %v138
  %v143 = fcmp olt double %c0, 0x41CDCD6500000000
  %v144 = and i1 %v141, %v143
  %v145 = and i1 %v132, %v144
  br i1 %v145, label %fast.done0, label %slow
fast.done0:
  %v146 = phi double [ %c0, %fast ], [ %v142, %fast.run0 ]
  %v147 = phi double [ %c1, %fast ], [ %v134, %fast.run0 ]
  %v148 = phi double [ %c2, %fast ], [ %v136, %fast.run0 ]
  %v149 = fcmp ord double %v65, %v65
  %v150 = fcmp ord double %v68, %v68
  %v151 = or i1 %v149, %v150
  br i1 %v151, label %fast.run1, label %fast.done1
fast.run1:
  %v152 = getelementptr double, ptr %v73, i64 7
  %v153 = load double, ptr %v152, align 8
  %v154 = getelementptr double, ptr %v73, i64 8
  %v155 = load double, ptr %v154, align 8
  %v156 = getelementptr double, ptr %v73, i64 9
  %v157 = load double, ptr %v156, align 8
  %v158 = getelementptr double, ptr %v73, i64 10
  %v159 = load double, ptr %v158, align 8
  %v160 = fcmp one double %v159, 0x0000000000000000
  %v161 = getelementptr double, ptr %v73, i64 11
  %v162 = load double, ptr %v161, align 8
  %v163 = fcmp one double %v162, 0x0000000000000000
  %v164 = fcmp oeq double %v65, %v65
  %v165 = fcmp oeq double %v68, %v68
  %v166 = fsub double %v65, %v146
  %v167 = select i1 %v164, double %v166, double 0x0000000000000000
  %v168 = fmul double %v153, %v167
  %v169 = fadd double %v146, %v168
  %v170 = fcmp olt double %v167, 0x41CDCD6500000000
  %v171 = and i1 %v170, %v160
  %v172 = fmul double %v167, %v167
  %v173 = fcmp une double %v68, %v68
  %v174 = and i1 %v151, %v171
  %v175 = and i1 %v151, %v163
  %v176 = select i1 %v175, i64 2, i64 0
  %v177 = or i64 0, %v176
  %v178 = fadd double 0x0000000000000000, %v172
  %v179 = fadd double 0x0000000000000000, %v168
  %v180 = select i1 %v174, double %v167, double 0x7FF8000000000000
  %v181 = fcmp uno double %v180, %v180
  %v182 = select i1 %v181, double 0x7FF8000000000000, double %v180
  %v183 = select i1 %v174, double %v153, double 0x7FF8000000000000
  %v184 = fcmp uno double %v183, %v183
  %v185 = select i1 %v184, double 0x7FF8000000000000, double %v183
  %v186 = select i1 true, i64 1, i64 0
  %v187 = or i64 %v177, %v186
  br i1 %v174, label %fast.done1, label %slow
fast.done1:
  %v188 = phi double [ %v146, %fast.done0 ], [ %v169, %fast.run1 ]
  %v189 = phi double [ %v147, %fast.done0 ], [ %v155, %fast.run1 ]
  %v190 = phi double [ %v148, %fast.done0 ], [ %v157, %fast.run1 ]
  %v191 = phi double [ 0x0000000000000000, %fast.done0 ], [ %v178, %fast.run1 ]
  %v192 = phi double [ 0x0000000000000000, %fast.done0 ], [ %v179, %fast.run1 ]
  %v193 = phi i64 [ 0, %fast.done0 ], [ %v187, %fast.run1 ]
  %v194 = phi double [ 0x7FF8000000000000, %fast.done0 ], [ %v182, %fast.run1 ]
  %v195 = phi double [ 0x7FF8000000000000, %fast.done0 ], [ %v185, %fast.run1 ]
  br label %tail
slow:
  %v196 = getelementptr i8, ptr %v72, i64 0
  store i64 %v81, ptr %v196
  %v197 = getelementptr i8, ptr %v72, i64 8
  store double %v70, ptr %v197
  %v198 = getelementptr double, ptr %v73, i64 0
  store double %c2, ptr %v198, align 8
  br i1 %v101, label %remember, label %remembered
remember:
  %v199 = getelementptr i8, ptr %v72, i64 32
  store i64 0, ptr %v199
  %v200 = add i64 %slot, 1
  %v201 = icmp eq i64 %v200, %v32
  %v202 = select i1 %v201, i64 0, i64 %v200
  %v203 = mul i64 %v202, 136
  %v204 = getelementptr i8, ptr %v30, i64 %v203
  %v205 = getelementptr i8, ptr %v204, i64 32
  store i64 0, ptr %v205
  %v206 = getelementptr i8, ptr %v72, i64 16
  store i64 %v81, ptr %v206
  %v207 = getelementptr i8, ptr %v72, i64 24
  store double %v70, ptr %v207
  %v208 = getelementptr double, ptr %v73, i64 1
  store double %c1, ptr %v208, align 8
  %v209 = getelementptr double, ptr %v73, i64 2
  store double %c2, ptr %v209, align 8
  br label %remembered
remembered:
  %v210 = fcmp ogt double %v61, 0x0000000000000000
  br i1 %v210, label %run0, label %done0
run0:
  %v211 = fmul double %c1, 0x3FE0000000000000
  %v212 = fadd double %v61, %v211
  %v213 = fmul double %c2, 0x3FD0000000000000
  %v214 = fadd double %v213, %v34
  %v215 = fmul double 0x3FE0000000000000, %v212
  %v216 = fadd double %v61, %v215
  %v217 = fmul double 0x3FD0000000000000, %v214
  %v218 = fadd double %v34, %v217
  %v219 = fmul double 0x3FE0000000000000, %v216
  %v220 = fadd double %v61, %v219
  %v221 = fmul double 0x3FD0000000000000, %v218
  %v222 = fadd double %v34, %v221
  %v223 = fmul double 0x3FE0000000000000, %v220
  %v224 = fadd double %v61, %v223
  %v225 = fmul double 0x3FD0000000000000, %v222
  %v226 = fadd double %v34, %v225
  %v227 = fmul double 0x3FE0000000000000, %v224
  %v228 = fadd double %v61, %v227
  %v229 = fmul double 0x3FD0000000000000, %v226
  %v230 = fadd double %v34, %v229
  %v231 = fmul double 0x3FE0000000000000, %v228
  %v232 = fadd double %v61, %v231
  %v233 = fmul double 0x3FD0000000000000, %v230
  %v234 = fadd double %v34, %v233
  %v235 = fmul double 0x3FE0000000000000, %v232
  %v236 = fadd double %v61, %v235
  %v237 = fmul double 0x3FD0000000000000, %v234
  %v238 = fadd double %v34, %v237
  %v239 = fmul double 0x3FE0000000000000, %v236
  %v240 = fadd double %v61, %v239
  %v241 = fmul double 0x3FD0000000000000, %v238
  %v242 = fadd double %v34, %v241
  %v243 = fmul double 0x3FE0000000000000, %v240
  %v244 = fadd double %v61, %v243
  %v245 = fmul double 0x3FD0000000000000, %v242
  %v246 = fadd double %v34, %v245
  %v247 = fmul double %v61, %v246
  %v248 = fadd double %c0, %v247
  %v249 = fcmp olt double %v244, 0x4049000000000000
  %v250 = fcmp olt double %c0, 0x41CDCD6500000000
  %v251 = and i1 %v249, %v250
  br i1 %v101, label %save0, label %saved0
save0:
  %v252 = getelementptr double, ptr %v73, i64 3
  store double %v244, ptr %v252, align 8
  %v253 = getelementptr double, ptr %v73, i64 4
  store double %v246, ptr %v253, align 8
  %v254 = getelementptr double, ptr %v73, i64 5
  store double %v247, ptr %v254, align 8
  %v255 = select i1 %v249, double 0x3FF0000000000000, double 0x0000000000000000
  %v256 = getelementptr double, ptr %v73, i64 6
  store double %v255, ptr %v256, align 8
  br label %saved0
saved0:
  %v257 = and i1 %v210, %v251
  br i1 %v257, label %done0, label %merge0
merge0:
  %v258 = getelementptr i8, ptr %v72, i64 0
  store i64 -1, ptr %v258
  %v259 = getelementptr i8, ptr %v72, i64 16
  store i64 -1, ptr %v259
  %v260 = select i1 %v257, double %v248, double %c0
  %v261 = select i1 %v257, double %v244, double %c1
  %v262 = select i1 %v257, double %v246, double %c2
  %v263 = select i1 %v257, double 0x0000000000000000, double 0x0000000000000000
  %v264 = select i1 %v257, double 0x0000000000000000, double 0x0000000000000000
  br label %done0
done0:
  %v265 = phi double [ %c0, %remembered ], [ %v248, %saved0 ], [ %v260, %merge0 ]
  %v266 = phi double [ %c1, %remembered ], [ %v244, %saved0 ], [ %v261, %merge0 ]
  %v267 = phi double [ %c2, %remembered ], [ %v246, %saved0 ], [ %v262, %merge0 ]
  %v268 = phi double [ 0x0000000000000000, %remembered ], [ 0x0000000000000000, %saved0 ], [ %v263, %merge0 ]
  %v269 = phi double [ 0x0000000000000000, %remembered ], [ 0x0000000000000000, %saved0 ], [ %v264, %merge0 ]
  %v270 = fcmp ord double %v65, %v65
  %v271 = fcmp ord double %v68, %v68
  %v272 = or i1 %v270, %v271
  br i1 %v272, label %run1, label %done1
run1:
  %v273 = fcmp oeq double %v65, %v65
  %v274 = fcmp oeq double %v68, %v68
  %v275 = fadd double %v266, %v267
  %v276 = fdiv double %v266, %v275
  %v277 = select i1 %v273, double %v276, double 0x0000000000000000
  %v278 = select i1 %v274, double 0x3FC0000000000000, double 0x0000000000000000
  %v279 = fadd double %v277, %v278
  %v280 = fsub double %v65, %v265
  %v281 = select i1 %v273, double %v280, double 0x0000000000000000
  %v282 = fmul double %v266, %v279
  %v283 = fsub double %v267, %v282
  %v284 = fmul double %v279, %v281
  %v285 = fadd double %v265, %v284
  %v286 = fmul double %v266, 0x3FE8000000000000
  %v287 = fcmp olt double 0x3FE0000000000000, %v283
  %v288 = select i1 %v287, double %v283, double %v267
  %v289 = fcmp olt double %v281, 0x41CDCD6500000000
  %v290 = fcmp olt double %v283, 0x404E000000000000
  %v291 = and i1 %v289, %v290
  %v292 = fmul double %v281, %v281
  %v293 = fcmp une double %v68, %v68
  %v294 = xor i1 %v273, true
  %v295 = or i1 %v293, %v294
  br i1 %v101, label %save1, label %saved1
save1:
  %v296 = getelementptr double, ptr %v73, i64 7
  store double %v279, ptr %v296, align 8
  %v297 = getelementptr double, ptr %v73, i64 8
  store double %v286, ptr %v297, align 8
  %v298 = getelementptr double, ptr %v73, i64 9
  store double %v288, ptr %v298, align 8
  %v299 = select i1 %v290, double 0x3FF0000000000000, double 0x0000000000000000
  %v300 = getelementptr double, ptr %v73, i64 10
  store double %v299, ptr %v300, align 8
  %v301 = select i1 %v295, double 0x3FF0000000000000, double 0x0000000000000000
  %v302 = getelementptr double, ptr %v73, i64 11
  store double %v301, ptr %v302, align 8
  br label %saved1
saved1:
  %v303 = and i1 %v272, %v291
  %v304 = and i1 %v272, %v295
  %v305 = select i1 %v304, i64 2, i64 0
  %v306 = or i64 0, %v305
  %v307 = fadd double %v268, %v292
  %v308 = fadd double %v269, %v284
  %v309 = select i1 %v303, double %v281, double 0x7FF8000000000000
  %v310 = fcmp uno double %v309, %v309
  %v311 = select i1 %v310, double 0x7FF8000000000000, double %v309
  %v312 = select i1 %v303, double %v279, double 0x7FF8000000000000
  %v313 = fcmp uno double %v312, %v312
  %v314 = select i1 %v313, double 0x7FF8000000000000, double %v312
  %v315 = select i1 true, i64 1, i64 0
  %v316 = or i64 %v306, %v315
  br i1 %v303, label %done1, label %merge1
merge1:
  %v317 = getelementptr i8, ptr %v72, i64 0
  store i64 -1, ptr %v317
  %v318 = getelementptr i8, ptr %v72, i64 16
  store i64 -1, ptr %v318
  %v319 = select i1 %v303, double %v285, double %v265
  %v320 = select i1 %v303, double %v286, double %v266
  %v321 = select i1 %v303, double %v288, double %v267
  %v322 = select i1 %v303, double %v307, double %v268
  %v323 = select i1 %v303, double %v308, double %v269
  %v324 = select i1 %v303, i64 1, i64 0
  %v325 = or i64 %v306, %v324
  br label %done1
done1:
  %v326 = phi double [ %v265, %done0 ], [ %v285, %saved1 ], [ %v319, %merge1 ]
  %v327 = phi double [ %v266, %done0 ], [ %v286, %saved1 ], [ %v320, %merge1 ]
  %v328 = phi double [ %v267, %done0 ], [ %v288, %saved1 ], [ %v321, %merge1 ]
  %v329 = phi double [ %v268, %done0 ], [ %v307, %saved1 ], [ %v322, %merge1 ]
  %v330 = phi double [ %v269, %done0 ], [ %v308, %saved1 ], [ %v323, %merge1 ]
  %v331 = phi i64 [ 0, %done0 ], [ %v316, %saved1 ], [ %v325, %merge1 ]
  %v332 = phi double [ 0x7FF8000000000000, %done0 ], [ %v311, %saved1 ], [ %v311, %merge1 ]
  %v333 = phi double [ 0x7FF8000000000000, %done0 ], [ %v314, %saved1 ], [ %v314, %merge1 ]
  br label %tail
tail:
  %v334 = phi double [ %v188, %fast.done1 ], [ %v326, %done1 ]
  %v335 = phi double [ %v189, %fast.done1 ], [ %v327, %done1 ]
  %v336 = phi double [ %v190, %fast.done1 ], [ %v328, %done1 ]
  %v337 = phi double [ %v191, %fast.done1 ], [ %v329, %done1 ]
  %v338 = phi double [ %v192, %fast.done1 ], [ %v330, %done1 ]
  %v339 = phi i64 [ %v193, %fast.done1 ], [ %v331, %done1 ]
  %v340 = phi double [ %v194, %fast.done1 ], [ %v332, %done1 ]
  %v341 = phi double [ %v195, %fast.done1 ], [ %v333, %done1 ]
  %is.fast = phi i1 [ true, %fast.done1 ], [ false, %done1 ]
  %v342 = and i64 %v339, 4865
  %v343 = icmp ne i64 %v342, 0
  %v344 = select i1 %v343, i64 0, i64 4
  %v345 = or i64 %v339, %v344
  %v346 = and i64 %v345, 1
  %v347 = icmp ne i64 %v346, 0
  %v348 = select i1 %v347, double %v337, double 0x7FF8000000000000
  %v349 = uitofp i64 %v345 to double
  %v350 = mul i64 %k, 8
  %v351 = add i64 %v350, 32
  %v352 = add i64 %v350, 0
  %v353 = getelementptr double, ptr %v58, i64 %v352
  store double %v334, ptr %v353
  %v354 = add i64 %v350, 1
  %v355 = getelementptr double, ptr %v58, i64 %v354
  store double %v335, ptr %v355
  %v356 = add i64 %v350, 2
  %v357 = getelementptr double, ptr %v58, i64 %v356
  store double %v336, ptr %v357
  %v358 = add i64 %v350, 3
  %v359 = getelementptr double, ptr %v58, i64 %v358
  store double %v340, ptr %v359
  %v360 = add i64 %v350, 4
  %v361 = getelementptr double, ptr %v58, i64 %v360
  store double %v341, ptr %v361
  %v362 = add i64 %v350, 5
  %v363 = getelementptr double, ptr %v58, i64 %v362
  store double %v348, ptr %v363
  %v364 = add i64 %v350, 6
  %v365 = getelementptr double, ptr %v58, i64 %v364
  store double %v338, ptr %v365
  %v366 = add i64 %v350, 7
  %v367 = getelementptr double, ptr %v58, i64 %v366
  store double %v349, ptr %v367
  %v368 = fadd double %total, %v338
  br label %row.done
row.done:
  %c0.next = phi double [ %v334, %tail ]
  %c1.next = phi double [ %v335, %tail ]
  %c2.next = phi double [ %v336, %tail ]
  %total.next = phi double [ %v368, %tail ]
  %seen.next = or i64 %seen, %v345
  %k.next = add i64 %k, 1
  %v369 = add i64 %slot, 1
  %v370 = icmp eq i64 %v369, %v32
  %slot.next = select i1 %v370, i64 0, i64 %v369
  %v371 = icmp slt i64 %k.next, %v4
  br i1 %v371, label %row, label %track.done
track.done:
  %v372 = phi double [ %v43, %track ], [ %c0.next, %row.done ]
  %v373 = phi double [ %v45, %track ], [ %c1.next, %row.done ]
  %v374 = phi double [ %v47, %track ], [ %c2.next, %row.done ]
  %v375 = phi double [ %v49, %track ], [ %total.next, %row.done ]
  %v376 = phi i64 [ %v52, %track ], [ %seen.next, %row.done ]
  %v377 = uitofp i64 %v376 to double
  %v378 = mul i64 %v39, 5
  %v379 = getelementptr double, ptr %v24, i64 %v378
  %v380 = getelementptr double, ptr %v379, i64 0
  store double %v372, ptr %v380
  %v381 = getelementptr double, ptr %v379, i64 1
  store double %v373, ptr %v381
  %v382 = getelementptr double, ptr %v379, i64 2
  store double %v374, ptr %v382
  %v383 = getelementptr double, ptr %v379, i64 3
  store double %v375, ptr %v383
  %v384 = getelementptr double, ptr %v379, i64 4
  store double %v377, ptr %v384
  br label %track.next
track.next:
  %block.next = add i64 %block, 1
  %v385 = icmp slt i64 %block.next, %v2
  br i1 %v385, label %track, label %end
end:
  ret void
}
attributes #0 = { nounwind "prefer-vector-width"="64" "min-legal-vector-width"="64" }
