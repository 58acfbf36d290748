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
  %v86 = bitcast double %c1 to i64
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
  %v189 = fcmp ogt double %v61, 0x0000000000000000
  br i1 %v189, label %run0, label %done0
run0:
  %v190 = fmul double %c1, 0x3FE0000000000000
  %v191 = fadd double %v61, %v190
  %v192 = fmul double %c2, 0x3FD0000000000000
  %v193 = fadd double %v192, %v34
  %v194 = fmul double 0x3FE0000000000000, %v191
  %v195 = fadd double %v61, %v194
  %v196 = fmul double 0x3FD0000000000000, %v193
  %v197 = fadd double %v34, %v196
  %v198 = fmul double 0x3FE0000000000000, %v195
  %v199 = fadd double %v61, %v198
  %v200 = fmul double 0x3FD0000000000000, %v197
  %v201 = fadd double %v34, %v200
  %v202 = fmul double 0x3FE0000000000000, %v199
  %v203 = fadd double %v61, %v202
  %v204 = fmul double 0x3FD0000000000000, %v201
  %v205 = fadd double %v34, %v204
  %v206 = fmul double 0x3FE0000000000000, %v203
  %v207 = fadd double %v61, %v206
  %v208 = fmul double 0x3FD0000000000000, %v205
  %v209 = fadd double %v34, %v208
  %v210 = fmul double 0x3FE0000000000000, %v207
  %v211 = fadd double %v61, %v210
  %v212 = fmul double 0x3FD0000000000000, %v209
  %v213 = fadd double %v34, %v212
  %v214 = fmul double 0x3FE0000000000000, %v211
  %v215 = fadd double %v61, %v214
  %v216 = fmul double 0x3FD0000000000000, %v213
  %v217 = fadd double %v34, %v216
  %v218 = fmul double 0x3FE0000000000000, %v215
  %v219 = fadd double %v61, %v218
  %v220 = fmul double 0x3FD0000000000000, %v217
  %v221 = fadd double %v34, %v220
  %v222 = fmul double 0x3FE0000000000000, %v219
  %v223 = fadd double %v61, %v222
  %v224 = fmul double 0x3FD0000000000000, %v221
  %v225 = fadd double %v34, %v224
  %v226 = fmul double %v61, %v225
  %v227 = fadd double %c0, %v226
  %v228 = fcmp olt double %v223, 0x4049000000000000
  %v229 = fcmp olt double %c0, 0x41CDCD6500000000
  %v230 = and i1 %v228, %v229
  br i1 %v101, label %save0, label %saved0
save0:
  %v231 = getelementptr double, ptr %v73, i64 3
  store double %v223, ptr %v231, align 8
  %v232 = getelementptr double, ptr %v73, i64 4
  store double %v225, ptr %v232, align 8
  %v233 = getelementptr double, ptr %v73, i64 5
  store double %v226, ptr %v233, align 8
  %v234 = select i1 %v228, double 0x3FF0000000000000, double 0x0000000000000000
  %v235 = getelementptr double, ptr %v73, i64 6
  store double %v234, ptr %v235, align 8
  br label %saved0
saved0:
  %v236 = and i1 %v189, %v230
  br i1 %v236, label %done0, label %merge0
merge0:
  %v237 = select i1 %v236, double %v227, double %c0
  %v238 = select i1 %v236, double %v223, double %c1
  %v239 = select i1 %v236, double %v225, double %c2
  %v240 = select i1 %v236, double 0x0000000000000000, double 0x0000000000000000
  %v241 = select i1 %v236, double 0x0000000000000000, double 0x0000000000000000
  br label %done0
done0:
  %v242 = phi double [ %c0, %slow ], [ %v227, %saved0 ], [ %v237, %merge0 ]
  %v243 = phi double [ %c1, %slow ], [ %v223, %saved0 ], [ %v238, %merge0 ]
  %v244 = phi double [ %c2, %slow ], [ %v225, %saved0 ], [ %v239, %merge0 ]
  %v245 = phi double [ 0x0000000000000000, %slow ], [ 0x0000000000000000, %saved0 ], [ %v240, %merge0 ]
  %v246 = phi double [ 0x0000000000000000, %slow ], [ 0x0000000000000000, %saved0 ], [ %v241, %merge0 ]
  %v247 = phi i1 [ true, %slow ], [ true, %saved0 ], [ false, %merge0 ]
  %v248 = fcmp ord double %v65, %v65
  %v249 = fcmp ord double %v68, %v68
  %v250 = or i1 %v248, %v249
  br i1 %v250, label %run1, label %done1
run1:
  %v251 = fcmp oeq double %v65, %v65
  %v252 = fcmp oeq double %v68, %v68
  %v253 = fadd double %v243, %v244
  %v254 = fdiv double %v243, %v253
  %v255 = select i1 %v251, double %v254, double 0x0000000000000000
  %v256 = select i1 %v252, double 0x3FC0000000000000, double 0x0000000000000000
  %v257 = fadd double %v255, %v256
  %v258 = fsub double %v65, %v242
  %v259 = select i1 %v251, double %v258, double 0x0000000000000000
  %v260 = fmul double %v243, %v257
  %v261 = fsub double %v244, %v260
  %v262 = fmul double %v257, %v259
  %v263 = fadd double %v242, %v262
  %v264 = fmul double %v243, 0x3FE8000000000000
  %v265 = fcmp olt double 0x3FE0000000000000, %v261
  %v266 = select i1 %v265, double %v261, double %v244
  %v267 = fcmp olt double %v259, 0x41CDCD6500000000
  %v268 = fcmp olt double %v261, 0x404E000000000000
  %v269 = and i1 %v267, %v268
  %v270 = fmul double %v259, %v259
  %v271 = fcmp une double %v68, %v68
  %v272 = xor i1 %v251, true
  %v273 = or i1 %v271, %v272
  br i1 %v101, label %save1, label %saved1
save1:
  %v274 = getelementptr double, ptr %v73, i64 7
  store double %v257, ptr %v274, align 8
  %v275 = getelementptr double, ptr %v73, i64 8
  store double %v264, ptr %v275, align 8
  %v276 = getelementptr double, ptr %v73, i64 9
  store double %v266, ptr %v276, align 8
  %v277 = select i1 %v268, double 0x3FF0000000000000, double 0x0000000000000000
  %v278 = getelementptr double, ptr %v73, i64 10
  store double %v277, ptr %v278, align 8
  %v279 = select i1 %v273, double 0x3FF0000000000000, double 0x0000000000000000
  %v280 = getelementptr double, ptr %v73, i64 11
  store double %v279, ptr %v280, align 8
  br label %saved1
saved1:
  %v281 = and i1 %v250, %v269
  %v282 = and i1 %v250, %v273
  %v283 = select i1 %v282, i64 2, i64 0
  %v284 = or i64 0, %v283
  %v285 = fadd double %v245, %v270
  %v286 = fadd double %v246, %v262
  %v287 = select i1 %v281, double %v259, double 0x7FF8000000000000
  %v288 = fcmp uno double %v287, %v287
  %v289 = select i1 %v288, double 0x7FF8000000000000, double %v287
  %v290 = select i1 %v281, double %v257, double 0x7FF8000000000000
  %v291 = fcmp uno double %v290, %v290
  %v292 = select i1 %v291, double 0x7FF8000000000000, double %v290
  %v293 = select i1 true, i64 1, i64 0
  %v294 = or i64 %v284, %v293
  br i1 %v281, label %done1, label %merge1
merge1:
  %v295 = select i1 %v281, double %v263, double %v242
  %v296 = select i1 %v281, double %v264, double %v243
  %v297 = select i1 %v281, double %v266, double %v244
  %v298 = select i1 %v281, double %v285, double %v245
  %v299 = select i1 %v281, double %v286, double %v246
  %v300 = select i1 %v281, i64 1, i64 0
  %v301 = or i64 %v284, %v300
  br label %done1
done1:
  %v302 = phi double [ %v242, %done0 ], [ %v263, %saved1 ], [ %v295, %merge1 ]
  %v303 = phi double [ %v243, %done0 ], [ %v264, %saved1 ], [ %v296, %merge1 ]
  %v304 = phi double [ %v244, %done0 ], [ %v266, %saved1 ], [ %v297, %merge1 ]
  %v305 = phi double [ %v245, %done0 ], [ %v285, %saved1 ], [ %v298, %merge1 ]
  %v306 = phi double [ %v246, %done0 ], [ %v286, %saved1 ], [ %v299, %merge1 ]
  %v307 = phi i64 [ 0, %done0 ], [ %v294, %saved1 ], [ %v301, %merge1 ]
  %v308 = phi i1 [ %v247, %done0 ], [ %v247, %saved1 ], [ false, %merge1 ]
  %v309 = phi double [ 0x7FF8000000000000, %done0 ], [ %v289, %saved1 ], [ %v289, %merge1 ]
  %v310 = phi double [ 0x7FF8000000000000, %done0 ], [ %v292, %saved1 ], [ %v292, %merge1 ]
  %v311 = and i1 %v308, %v83
  %v312 = select i1 %v311, i64 %v81, i64 -1
  %v313 = getelementptr i8, ptr %v72, i64 0
  store i64 %v312, ptr %v313
  %v314 = getelementptr i8, ptr %v72, i64 8
  store double %v70, ptr %v314
  %v315 = getelementptr double, ptr %v73, i64 0
  store double %c1, ptr %v315, align 8
  br i1 %v101, label %save, label %saved
save:
  %v316 = getelementptr i8, ptr %v72, i64 16
  store i64 %v312, ptr %v316
  %v317 = getelementptr i8, ptr %v72, i64 24
  store double %v70, ptr %v317
  %v318 = getelementptr double, ptr %v73, i64 1
  store double %c1, ptr %v318, align 8
  %v319 = getelementptr double, ptr %v73, i64 2
  store double %c2, ptr %v319, align 8
  br label %saved
saved:
  br label %tail
tail:
  %v320 = phi double [ %v181, %fast.done1 ], [ %v302, %saved ]
  %v321 = phi double [ %v182, %fast.done1 ], [ %v303, %saved ]
  %v322 = phi double [ %v183, %fast.done1 ], [ %v304, %saved ]
  %v323 = phi double [ %v184, %fast.done1 ], [ %v305, %saved ]
  %v324 = phi double [ %v185, %fast.done1 ], [ %v306, %saved ]
  %v325 = phi i64 [ %v186, %fast.done1 ], [ %v307, %saved ]
  %v326 = phi i1 [ true, %fast.done1 ], [ %v308, %saved ]
  %v327 = phi double [ %v187, %fast.done1 ], [ %v309, %saved ]
  %v328 = phi double [ %v188, %fast.done1 ], [ %v310, %saved ]
  %v329 = and i64 %v325, 4865
  %v330 = icmp ne i64 %v329, 0
  %v331 = select i1 %v330, i64 0, i64 4
  %v332 = or i64 %v325, %v331
  %v333 = and i64 %v332, 1
  %v334 = icmp ne i64 %v333, 0
  %v335 = select i1 %v334, double %v323, double 0x7FF8000000000000
  %v336 = uitofp i64 %v332 to double
  %v337 = mul i64 %k, 8
  %v338 = add i64 %v337, 32
  %v339 = add i64 %v337, 0
  %v340 = getelementptr double, ptr %v58, i64 %v339
  store double %v320, ptr %v340
  %v341 = add i64 %v337, 1
  %v342 = getelementptr double, ptr %v58, i64 %v341
  store double %v321, ptr %v342
  %v343 = add i64 %v337, 2
  %v344 = getelementptr double, ptr %v58, i64 %v343
  store double %v322, ptr %v344
  %v345 = add i64 %v337, 3
  %v346 = getelementptr double, ptr %v58, i64 %v345
  store double %v327, ptr %v346
  %v347 = add i64 %v337, 4
  %v348 = getelementptr double, ptr %v58, i64 %v347
  store double %v328, ptr %v348
  %v349 = add i64 %v337, 5
  %v350 = getelementptr double, ptr %v58, i64 %v349
  store double %v335, ptr %v350
  %v351 = add i64 %v337, 6
  %v352 = getelementptr double, ptr %v58, i64 %v351
  store double %v324, ptr %v352
  %v353 = add i64 %v337, 7
  %v354 = getelementptr double, ptr %v58, i64 %v353
  store double %v336, ptr %v354
  %v355 = fadd double %total, %v324
  br label %row.done
row.done:
  %c0.next = phi double [ %v320, %tail ]
  %c1.next = phi double [ %v321, %tail ]
  %c2.next = phi double [ %v322, %tail ]
  %total.next = phi double [ %v355, %tail ]
  %seen.next = or i64 %seen, %v332
  %k.next = add i64 %k, 1
  %v356 = add i64 %slot, 1
  %v357 = icmp eq i64 %v356, %v32
  %slot.next = select i1 %v357, i64 0, i64 %v356
  %v358 = icmp slt i64 %k.next, %v4
  br i1 %v358, label %row, label %track.done
track.done:
  %v359 = phi double [ %v43, %track ], [ %c0.next, %row.done ]
  %v360 = phi double [ %v45, %track ], [ %c1.next, %row.done ]
  %v361 = phi double [ %v47, %track ], [ %c2.next, %row.done ]
  %v362 = phi double [ %v49, %track ], [ %total.next, %row.done ]
  %v363 = phi i64 [ %v52, %track ], [ %seen.next, %row.done ]
  %v364 = uitofp i64 %v363 to double
  %v365 = mul i64 %v39, 5
  %v366 = getelementptr double, ptr %v24, i64 %v365
  %v367 = getelementptr double, ptr %v366, i64 0
  store double %v359, ptr %v367
  %v368 = getelementptr double, ptr %v366, i64 1
  store double %v360, ptr %v368
  %v369 = getelementptr double, ptr %v366, i64 2
  store double %v361, ptr %v369
  %v370 = getelementptr double, ptr %v366, i64 3
  store double %v362, ptr %v370
  %v371 = getelementptr double, ptr %v366, i64 4
  store double %v364, ptr %v371
  br label %track.next
track.next:
  %block.next = add i64 %block, 1
  %v372 = icmp slt i64 %block.next, %v2
  br i1 %v372, label %track, label %end
end:
  ret void
}
attributes #0 = { nounwind "prefer-vector-width"="64" "min-legal-vector-width"="64" }
