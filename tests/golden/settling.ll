declare double @llvm.sqrt.f64(double)
declare double @llvm.floor.f64(double)
declare double @llvm.rint.f64(double)
declare double @llvm.fabs.f64(double)
declare double @llvm.copysign.f64(double, double)

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
  %v62 = mul i64 %k, 0
  %v63 = mul i64 %k, 2
  %v64 = add i64 %v63, 0
  %v65 = getelementptr double, ptr %v56, i64 %v64
  %v66 = load double, ptr %v65
  %v67 = add i64 %v63, 1
  %v68 = getelementptr double, ptr %v56, i64 %v67
  %v69 = load double, ptr %v68
  %v70 = getelementptr double, ptr %v6, i64 %k
  %v71 = load double, ptr %v70
  %v72 = mul i64 %slot, 128
  %v73 = getelementptr i8, ptr %v30, i64 %v72
  %v74 = getelementptr i8, ptr %v73, i64 32
  %v75 = fcmp ord double %v66, %v66
  %v76 = select i1 %v75, i64 1, i64 0
  %v77 = or i64 0, %v76
  %v78 = icmp eq i1 %v75, %v75
  %v79 = and i1 true, %v78
  %v80 = fcmp ord double %v69, %v69
  %v81 = select i1 %v80, i64 2, i64 0
  %v82 = or i64 %v77, %v81
  %v83 = icmp eq i1 %v80, %v80
  %v84 = and i1 %v79, %v83
  %v85 = getelementptr double, ptr %v74, i64 0
  %v86 = load double, ptr %v85, align 8
  %v87 = bitcast double %c1 to i64
  %v88 = bitcast double %v86 to i64
  %v89 = xor i64 %v87, %v88
  %v90 = or i64 0, %v89
  %v91 = icmp eq i64 %v90, 0
  %v92 = getelementptr i8, ptr %v73, i64 0
  %v93 = load i64, ptr %v92
  %v94 = getelementptr i8, ptr %v73, i64 8
  %v95 = load double, ptr %v94
  %v96 = bitcast double %v95 to i64
  %v97 = bitcast double %v71 to i64
  %v98 = icmp eq i64 %v96, %v97
  %v99 = icmp eq i64 %v93, %v82
  %v100 = and i1 %v99, %v98
  %v101 = and i1 %v100, %v91
  %v102 = and i1 %v84, %v101
  br i1 %v102, label %compare, label %slow
compare:
  %v103 = getelementptr double, ptr %v74, i64 1
  %v104 = load double, ptr %v103, align 8
  %v105 = getelementptr double, ptr %v74, i64 2
  %v106 = load double, ptr %v105, align 8
  %v107 = bitcast double %c1 to i64
  %v108 = bitcast double %v104 to i64
  %v109 = xor i64 %v107, %v108
  %v110 = or i64 0, %v109
  %v111 = bitcast double %c2 to i64
  %v112 = bitcast double %v106 to i64
  %v113 = xor i64 %v111, %v112
  %v114 = or i64 %v110, %v113
  %v115 = icmp eq i64 %v114, 0
  %v116 = getelementptr i8, ptr %v73, i64 16
  %v117 = load i64, ptr %v116
  %v118 = getelementptr i8, ptr %v73, i64 24
  %v119 = load double, ptr %v118
  %v120 = bitcast double %v119 to i64
  %v121 = bitcast double %v71 to i64
  %v122 = icmp eq i64 %v120, %v121
  %v123 = icmp eq i64 %v117, %v82
  %v124 = and i1 %v123, %v122
  %v125 = and i1 %v124, %v115
  br i1 %v125, label %fast, label %slow
fast:
  %v126 = fcmp ogt double %v61, 0x0000000000000000
  br i1 %v126, label %fast.run0, label %fast.done0
fast.run0:
  %v127 = getelementptr double, ptr %v74, i64 3
  %v128 = load double, ptr %v127, align 8
  %v129 = getelementptr double, ptr %v74, i64 4
  %v130 = load double, ptr %v129, align 8
  %v131 = getelementptr double, ptr %v74, i64 5
  %v132 = load double, ptr %v131, align 8
  %v133 = getelementptr double, ptr %v74, i64 6
  %v134 = load double, ptr %v133, align 8
  %v135 = fcmp one double %v134, 0x0000000000000000
  %v136 = fadd double %c0, %v132
  %v137 = fcmp olt double %c0, 0x41CDCD6500000000
  %v138 = and i1 %v135, %v137
  %v139 = and i1 %v126, %v138
  br i1 %v139, label %fast.done0, label %slow
fast.done0:
  %v140 = phi double [ %c0, %fast ], [ %v136, %fast.run0 ]
  %v141 = phi double [ %c1, %fast ], [ %v128, %fast.run0 ]
  %v142 = phi double [ %c2, %fast ], [ %v130, %fast.run0 ]
  %v143 = fcmp ord double %v66, %v66
  %v144 = fcmp ord double %v69, %v69
  %v145 = or i1 %v143, %v144
  br i1 %v145, label %fast.run1, label %fast.done1
fast.run1:
  %v146 = getelementptr double, ptr %v74, i64 7
  %v147 = load double, ptr %v146, align 8
  %v148 = getelementptr double, ptr %v74, i64 8
  %v149 = load double, ptr %v148, align 8
  %v150 = getelementptr double, ptr %v74, i64 9
  %v151 = load double, ptr %v150, align 8
  %v152 = getelementptr double, ptr %v74, i64 10
  %v153 = load double, ptr %v152, align 8
  %v154 = fcmp one double %v153, 0x0000000000000000
  %v155 = getelementptr double, ptr %v74, i64 11
  %v156 = load double, ptr %v155, align 8
  %v157 = fcmp one double %v156, 0x0000000000000000
  %v158 = fcmp oeq double %v66, %v66
  %v159 = fcmp oeq double %v69, %v69
  %v160 = fsub double %v66, %v140
  %v161 = select i1 %v158, double %v160, double 0x0000000000000000
  %v162 = fmul double %v147, %v161
  %v163 = fadd double %v140, %v162
  %v164 = fcmp olt double %v161, 0x41CDCD6500000000
  %v165 = and i1 %v164, %v154
  %v166 = fmul double %v161, %v161
  %v167 = fcmp une double %v69, %v69
  %v168 = and i1 %v145, %v165
  %v169 = and i1 %v145, %v157
  %v170 = select i1 %v169, i64 2, i64 0
  %v171 = or i64 0, %v170
  %v172 = fadd double 0x0000000000000000, %v166
  %v173 = fadd double 0x0000000000000000, %v162
  %v174 = select i1 %v168, double %v161, double 0x7FF8000000000000
  %v175 = fcmp uno double %v174, %v174
  %v176 = select i1 %v175, double 0x7FF8000000000000, double %v174
  %v177 = select i1 %v168, double %v147, double 0x7FF8000000000000
  %v178 = fcmp uno double %v177, %v177
  %v179 = select i1 %v178, double 0x7FF8000000000000, double %v177
  %v180 = select i1 true, i64 1, i64 0
  %v181 = or i64 %v171, %v180
  br i1 %v168, label %fast.done1, label %slow
fast.done1:
  %v182 = phi double [ %v140, %fast.done0 ], [ %v163, %fast.run1 ]
  %v183 = phi double [ %v141, %fast.done0 ], [ %v149, %fast.run1 ]
  %v184 = phi double [ %v142, %fast.done0 ], [ %v151, %fast.run1 ]
  %v185 = phi double [ 0x0000000000000000, %fast.done0 ], [ %v172, %fast.run1 ]
  %v186 = phi double [ 0x0000000000000000, %fast.done0 ], [ %v173, %fast.run1 ]
  %v187 = phi i64 [ 0, %fast.done0 ], [ %v181, %fast.run1 ]
  %v188 = phi double [ 0x7FF8000000000000, %fast.done0 ], [ %v176, %fast.run1 ]
  %v189 = phi double [ 0x7FF8000000000000, %fast.done0 ], [ %v179, %fast.run1 ]
  br label %tail
slow:
  %v190 = fcmp ogt double %v61, 0x0000000000000000
  br i1 %v190, label %run0, label %done0
run0:
  %v191 = fmul double %c1, 0x3FE0000000000000
  %v192 = fadd double %v61, %v191
  %v193 = fmul double %c2, 0x3FD0000000000000
  %v194 = fadd double %v193, %v34
  %v195 = fmul double 0x3FE0000000000000, %v192
  %v196 = fadd double %v61, %v195
  %v197 = fmul double 0x3FD0000000000000, %v194
  %v198 = fadd double %v34, %v197
  %v199 = fmul double 0x3FE0000000000000, %v196
  %v200 = fadd double %v61, %v199
  %v201 = fmul double 0x3FD0000000000000, %v198
  %v202 = fadd double %v34, %v201
  %v203 = fmul double 0x3FE0000000000000, %v200
  %v204 = fadd double %v61, %v203
  %v205 = fmul double 0x3FD0000000000000, %v202
  %v206 = fadd double %v34, %v205
  %v207 = fmul double 0x3FE0000000000000, %v204
  %v208 = fadd double %v61, %v207
  %v209 = fmul double 0x3FD0000000000000, %v206
  %v210 = fadd double %v34, %v209
  %v211 = fmul double 0x3FE0000000000000, %v208
  %v212 = fadd double %v61, %v211
  %v213 = fmul double 0x3FD0000000000000, %v210
  %v214 = fadd double %v34, %v213
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
  %v227 = fmul double %v61, %v226
  %v228 = fadd double %c0, %v227
  %v229 = fcmp olt double %v224, 0x4049000000000000
  %v230 = fcmp olt double %c0, 0x41CDCD6500000000
  %v231 = and i1 %v229, %v230
  br i1 %v102, label %save0, label %saved0
save0:
  %v232 = getelementptr double, ptr %v74, i64 3
  store double %v224, ptr %v232, align 8
  %v233 = getelementptr double, ptr %v74, i64 4
  store double %v226, ptr %v233, align 8
  %v234 = getelementptr double, ptr %v74, i64 5
  store double %v227, ptr %v234, align 8
  %v235 = select i1 %v229, double 0x3FF0000000000000, double 0x0000000000000000
  %v236 = getelementptr double, ptr %v74, i64 6
  store double %v235, ptr %v236, align 8
  br label %saved0
saved0:
  %v237 = and i1 %v190, %v231
  br i1 %v237, label %done0, label %merge0
merge0:
  %v238 = select i1 %v237, double %v228, double %c0
  %v239 = select i1 %v237, double %v224, double %c1
  %v240 = select i1 %v237, double %v226, double %c2
  %v241 = select i1 %v237, double 0x0000000000000000, double 0x0000000000000000
  %v242 = select i1 %v237, double 0x0000000000000000, double 0x0000000000000000
  br label %done0
done0:
  %v243 = phi double [ %c0, %slow ], [ %v228, %saved0 ], [ %v238, %merge0 ]
  %v244 = phi double [ %c1, %slow ], [ %v224, %saved0 ], [ %v239, %merge0 ]
  %v245 = phi double [ %c2, %slow ], [ %v226, %saved0 ], [ %v240, %merge0 ]
  %v246 = phi double [ 0x0000000000000000, %slow ], [ 0x0000000000000000, %saved0 ], [ %v241, %merge0 ]
  %v247 = phi double [ 0x0000000000000000, %slow ], [ 0x0000000000000000, %saved0 ], [ %v242, %merge0 ]
  %v248 = phi i1 [ true, %slow ], [ true, %saved0 ], [ false, %merge0 ]
  %v249 = fcmp ord double %v66, %v66
  %v250 = fcmp ord double %v69, %v69
  %v251 = or i1 %v249, %v250
  br i1 %v251, label %run1, label %done1
run1:
  %v252 = fcmp oeq double %v66, %v66
  %v253 = fcmp oeq double %v69, %v69
  %v254 = fadd double %v244, %v245
  %v255 = fdiv double %v244, %v254
  %v256 = select i1 %v252, double %v255, double 0x0000000000000000
  %v257 = select i1 %v253, double 0x3FC0000000000000, double 0x0000000000000000
  %v258 = fadd double %v256, %v257
  %v259 = fsub double %v66, %v243
  %v260 = select i1 %v252, double %v259, double 0x0000000000000000
  %v261 = fmul double %v244, %v258
  %v262 = fsub double %v245, %v261
  %v263 = fmul double %v258, %v260
  %v264 = fadd double %v243, %v263
  %v265 = fmul double %v244, 0x3FE8000000000000
  %v266 = fcmp olt double 0x3FE0000000000000, %v262
  %v267 = select i1 %v266, double %v262, double %v245
  %v268 = fcmp olt double %v260, 0x41CDCD6500000000
  %v269 = fcmp olt double %v262, 0x404E000000000000
  %v270 = and i1 %v268, %v269
  %v271 = fmul double %v260, %v260
  %v272 = fcmp une double %v69, %v69
  %v273 = xor i1 %v252, true
  %v274 = or i1 %v272, %v273
  br i1 %v102, label %save1, label %saved1
save1:
  %v275 = getelementptr double, ptr %v74, i64 7
  store double %v258, ptr %v275, align 8
  %v276 = getelementptr double, ptr %v74, i64 8
  store double %v265, ptr %v276, align 8
  %v277 = getelementptr double, ptr %v74, i64 9
  store double %v267, ptr %v277, align 8
  %v278 = select i1 %v269, double 0x3FF0000000000000, double 0x0000000000000000
  %v279 = getelementptr double, ptr %v74, i64 10
  store double %v278, ptr %v279, align 8
  %v280 = select i1 %v274, double 0x3FF0000000000000, double 0x0000000000000000
  %v281 = getelementptr double, ptr %v74, i64 11
  store double %v280, ptr %v281, align 8
  br label %saved1
saved1:
  %v282 = and i1 %v251, %v270
  %v283 = and i1 %v251, %v274
  %v284 = select i1 %v283, i64 2, i64 0
  %v285 = or i64 0, %v284
  %v286 = fadd double %v246, %v271
  %v287 = fadd double %v247, %v263
  %v288 = select i1 %v282, double %v260, double 0x7FF8000000000000
  %v289 = fcmp uno double %v288, %v288
  %v290 = select i1 %v289, double 0x7FF8000000000000, double %v288
  %v291 = select i1 %v282, double %v258, double 0x7FF8000000000000
  %v292 = fcmp uno double %v291, %v291
  %v293 = select i1 %v292, double 0x7FF8000000000000, double %v291
  %v294 = select i1 true, i64 1, i64 0
  %v295 = or i64 %v285, %v294
  br i1 %v282, label %done1, label %merge1
merge1:
  %v296 = select i1 %v282, double %v264, double %v243
  %v297 = select i1 %v282, double %v265, double %v244
  %v298 = select i1 %v282, double %v267, double %v245
  %v299 = select i1 %v282, double %v286, double %v246
  %v300 = select i1 %v282, double %v287, double %v247
  %v301 = select i1 %v282, i64 1, i64 0
  %v302 = or i64 %v285, %v301
  br label %done1
done1:
  %v303 = phi double [ %v243, %done0 ], [ %v264, %saved1 ], [ %v296, %merge1 ]
  %v304 = phi double [ %v244, %done0 ], [ %v265, %saved1 ], [ %v297, %merge1 ]
  %v305 = phi double [ %v245, %done0 ], [ %v267, %saved1 ], [ %v298, %merge1 ]
  %v306 = phi double [ %v246, %done0 ], [ %v286, %saved1 ], [ %v299, %merge1 ]
  %v307 = phi double [ %v247, %done0 ], [ %v287, %saved1 ], [ %v300, %merge1 ]
  %v308 = phi i64 [ 0, %done0 ], [ %v295, %saved1 ], [ %v302, %merge1 ]
  %v309 = phi i1 [ %v248, %done0 ], [ %v248, %saved1 ], [ false, %merge1 ]
  %v310 = phi double [ 0x7FF8000000000000, %done0 ], [ %v290, %saved1 ], [ %v290, %merge1 ]
  %v311 = phi double [ 0x7FF8000000000000, %done0 ], [ %v293, %saved1 ], [ %v293, %merge1 ]
  %v312 = and i1 %v309, %v84
  %v313 = select i1 %v312, i64 %v82, i64 -1
  %v314 = getelementptr i8, ptr %v73, i64 0
  store i64 %v313, ptr %v314
  %v315 = getelementptr i8, ptr %v73, i64 8
  store double %v71, ptr %v315
  %v316 = getelementptr double, ptr %v74, i64 0
  store double %c1, ptr %v316, align 8
  br i1 %v102, label %save, label %saved
save:
  %v317 = getelementptr i8, ptr %v73, i64 16
  store i64 %v313, ptr %v317
  %v318 = getelementptr i8, ptr %v73, i64 24
  store double %v71, ptr %v318
  %v319 = getelementptr double, ptr %v74, i64 1
  store double %c1, ptr %v319, align 8
  %v320 = getelementptr double, ptr %v74, i64 2
  store double %c2, ptr %v320, align 8
  br label %saved
saved:
  br label %tail
tail:
  %v321 = phi double [ %v182, %fast.done1 ], [ %v303, %saved ]
  %v322 = phi double [ %v183, %fast.done1 ], [ %v304, %saved ]
  %v323 = phi double [ %v184, %fast.done1 ], [ %v305, %saved ]
  %v324 = phi double [ %v185, %fast.done1 ], [ %v306, %saved ]
  %v325 = phi double [ %v186, %fast.done1 ], [ %v307, %saved ]
  %v326 = phi i64 [ %v187, %fast.done1 ], [ %v308, %saved ]
  %v327 = phi i1 [ true, %fast.done1 ], [ %v309, %saved ]
  %v328 = phi double [ %v188, %fast.done1 ], [ %v310, %saved ]
  %v329 = phi double [ %v189, %fast.done1 ], [ %v311, %saved ]
  %v330 = and i64 %v326, 4865
  %v331 = icmp ne i64 %v330, 0
  %v332 = select i1 %v331, i64 0, i64 4
  %v333 = or i64 %v326, %v332
  %v334 = and i64 %v333, 1
  %v335 = icmp ne i64 %v334, 0
  %v336 = select i1 %v335, double %v324, double 0x7FF8000000000000
  %v337 = uitofp i64 %v333 to double
  %v338 = mul i64 %k, 8
  %v339 = add i64 %v338, 32
  %v340 = add i64 %v338, 0
  %v341 = getelementptr double, ptr %v58, i64 %v340
  store double %v321, ptr %v341
  %v342 = add i64 %v338, 1
  %v343 = getelementptr double, ptr %v58, i64 %v342
  store double %v322, ptr %v343
  %v344 = add i64 %v338, 2
  %v345 = getelementptr double, ptr %v58, i64 %v344
  store double %v323, ptr %v345
  %v346 = add i64 %v338, 3
  %v347 = getelementptr double, ptr %v58, i64 %v346
  store double %v328, ptr %v347
  %v348 = add i64 %v338, 4
  %v349 = getelementptr double, ptr %v58, i64 %v348
  store double %v329, ptr %v349
  %v350 = add i64 %v338, 5
  %v351 = getelementptr double, ptr %v58, i64 %v350
  store double %v336, ptr %v351
  %v352 = add i64 %v338, 6
  %v353 = getelementptr double, ptr %v58, i64 %v352
  store double %v325, ptr %v353
  %v354 = add i64 %v338, 7
  %v355 = getelementptr double, ptr %v58, i64 %v354
  store double %v337, ptr %v355
  %v356 = fadd double %total, %v325
  br label %row.done
row.done:
  %c0.next = phi double [ %v321, %tail ]
  %c1.next = phi double [ %v322, %tail ]
  %c2.next = phi double [ %v323, %tail ]
  %total.next = phi double [ %v356, %tail ]
  %seen.next = or i64 %seen, %v333
  %k.next = add i64 %k, 1
  %v357 = add i64 %slot, 1
  %v358 = icmp eq i64 %v357, %v32
  %slot.next = select i1 %v358, i64 0, i64 %v357
  %v359 = icmp slt i64 %k.next, %v4
  br i1 %v359, label %row, label %track.done
track.done:
  %v360 = phi double [ %v43, %track ], [ %c0.next, %row.done ]
  %v361 = phi double [ %v45, %track ], [ %c1.next, %row.done ]
  %v362 = phi double [ %v47, %track ], [ %c2.next, %row.done ]
  %v363 = phi double [ %v49, %track ], [ %total.next, %row.done ]
  %v364 = phi i64 [ %v52, %track ], [ %seen.next, %row.done ]
  %v365 = uitofp i64 %v364 to double
  %v366 = mul i64 %v39, 5
  %v367 = getelementptr double, ptr %v24, i64 %v366
  %v368 = getelementptr double, ptr %v367, i64 0
  store double %v360, ptr %v368
  %v369 = getelementptr double, ptr %v367, i64 1
  store double %v361, ptr %v369
  %v370 = getelementptr double, ptr %v367, i64 2
  store double %v362, ptr %v370
  %v371 = getelementptr double, ptr %v367, i64 3
  store double %v363, ptr %v371
  %v372 = getelementptr double, ptr %v367, i64 4
  store double %v365, ptr %v372
  br label %track.next
track.next:
  %block.next = add i64 %block, 1
  %v373 = icmp slt i64 %block.next, %v2
  br i1 %v373, label %track, label %end
end:
  ret void
}
attributes #0 = { nounwind "prefer-vector-width"="64" "min-legal-vector-width"="64" }
