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
  %wait = phi i64 [ 0, %track ], [ %wait.next, %row.done ]
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
  %v211 = icmp eq i64 %wait, 0
  %v212 = and i1 %v211, %v210
  br i1 %v212, label %ordinary0, label %whole0
ordinary0:
  %v213 = fmul double %c1, 0x3FE0000000000000
  %v214 = fadd double %v61, %v213
  %v215 = fmul double %c2, 0x3FD0000000000000
  %v216 = fadd double %v215, %v34
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
  %v233 = fmul double 0x3FE0000000000000, %v230
  %v234 = fadd double %v61, %v233
  %v235 = fmul double 0x3FD0000000000000, %v232
  %v236 = fadd double %v34, %v235
  %v237 = fmul double 0x3FE0000000000000, %v234
  %v238 = fadd double %v61, %v237
  %v239 = fmul double 0x3FD0000000000000, %v236
  %v240 = fadd double %v34, %v239
  %v241 = fmul double 0x3FE0000000000000, %v238
  %v242 = fadd double %v61, %v241
  %v243 = fmul double 0x3FD0000000000000, %v240
  %v244 = fadd double %v34, %v243
  %v245 = fmul double 0x3FE0000000000000, %v242
  %v246 = fadd double %v61, %v245
  %v247 = fmul double 0x3FD0000000000000, %v244
  %v248 = fadd double %v34, %v247
  %v249 = fmul double %v61, %v248
  %v250 = fadd double %c0, %v249
  %v251 = fcmp olt double %v246, 0x4049000000000000
  %v252 = fcmp olt double %c0, 0x41CDCD6500000000
  %v253 = and i1 %v251, %v252
  br i1 %v253, label %ordinary0.0, label %whole0
ordinary0.0:
  br i1 %v101, label %ordinary.save0, label %ordinary.saved0
ordinary.save0:
  %v254 = getelementptr double, ptr %v73, i64 3
  store double %v246, ptr %v254, align 8
  %v255 = getelementptr double, ptr %v73, i64 4
  store double %v248, ptr %v255, align 8
  %v256 = getelementptr double, ptr %v73, i64 5
  store double %v249, ptr %v256, align 8
  %v257 = select i1 %v251, double 0x3FF0000000000000, double 0x0000000000000000
  %v258 = getelementptr double, ptr %v73, i64 6
  store double %v257, ptr %v258, align 8
  br label %ordinary.saved0
ordinary.saved0:
  br label %done0
whole0:
  %v259 = phi i1 [ false, %run0 ], [ true, %ordinary0 ]
  %v260 = fmul double %c1, 0x3FE0000000000000
  %v261 = fadd double %v61, %v260
  %v262 = fmul double %c2, 0x3FD0000000000000
  %v263 = fadd double %v262, %v34
  %v264 = fmul double 0x3FE0000000000000, %v261
  %v265 = fadd double %v61, %v264
  %v266 = fmul double 0x3FD0000000000000, %v263
  %v267 = fadd double %v34, %v266
  %v268 = fmul double 0x3FE0000000000000, %v265
  %v269 = fadd double %v61, %v268
  %v270 = fmul double 0x3FD0000000000000, %v267
  %v271 = fadd double %v34, %v270
  %v272 = fmul double 0x3FE0000000000000, %v269
  %v273 = fadd double %v61, %v272
  %v274 = fmul double 0x3FD0000000000000, %v271
  %v275 = fadd double %v34, %v274
  %v276 = fmul double 0x3FE0000000000000, %v273
  %v277 = fadd double %v61, %v276
  %v278 = fmul double 0x3FD0000000000000, %v275
  %v279 = fadd double %v34, %v278
  %v280 = fmul double 0x3FE0000000000000, %v277
  %v281 = fadd double %v61, %v280
  %v282 = fmul double 0x3FD0000000000000, %v279
  %v283 = fadd double %v34, %v282
  %v284 = fmul double 0x3FE0000000000000, %v281
  %v285 = fadd double %v61, %v284
  %v286 = fmul double 0x3FD0000000000000, %v283
  %v287 = fadd double %v34, %v286
  %v288 = fmul double 0x3FE0000000000000, %v285
  %v289 = fadd double %v61, %v288
  %v290 = fmul double 0x3FD0000000000000, %v287
  %v291 = fadd double %v34, %v290
  %v292 = fmul double 0x3FE0000000000000, %v289
  %v293 = fadd double %v61, %v292
  %v294 = fmul double 0x3FD0000000000000, %v291
  %v295 = fadd double %v34, %v294
  %v296 = fmul double %v61, %v295
  %v297 = fadd double %c0, %v296
  %v298 = fcmp olt double %v293, 0x4049000000000000
  %v299 = fcmp olt double %c0, 0x41CDCD6500000000
  %v300 = and i1 %v298, %v299
  br i1 %v101, label %save0, label %saved0
save0:
  %v301 = getelementptr double, ptr %v73, i64 3
  store double %v293, ptr %v301, align 8
  %v302 = getelementptr double, ptr %v73, i64 4
  store double %v295, ptr %v302, align 8
  %v303 = getelementptr double, ptr %v73, i64 5
  store double %v296, ptr %v303, align 8
  %v304 = select i1 %v298, double 0x3FF0000000000000, double 0x0000000000000000
  %v305 = getelementptr double, ptr %v73, i64 6
  store double %v304, ptr %v305, align 8
  br label %saved0
saved0:
  %v306 = and i1 %v210, %v300
  br i1 %v306, label %done0, label %merge0
merge0:
  %v307 = getelementptr i8, ptr %v72, i64 0
  store i64 -1, ptr %v307
  %v308 = getelementptr i8, ptr %v72, i64 16
  store i64 -1, ptr %v308
  %v309 = select i1 %v306, double %v297, double %c0
  %v310 = select i1 %v306, double %v293, double %c1
  %v311 = select i1 %v306, double %v295, double %c2
  %v312 = select i1 %v306, double 0x0000000000000000, double 0x0000000000000000
  %v313 = select i1 %v306, double 0x0000000000000000, double 0x0000000000000000
  br label %done0
done0:
  %v314 = phi double [ %c0, %remembered ], [ %v250, %ordinary.saved0 ], [ %v297, %saved0 ], [ %v309, %merge0 ]
  %v315 = phi double [ %c1, %remembered ], [ %v246, %ordinary.saved0 ], [ %v293, %saved0 ], [ %v310, %merge0 ]
  %v316 = phi double [ %c2, %remembered ], [ %v248, %ordinary.saved0 ], [ %v295, %saved0 ], [ %v311, %merge0 ]
  %v317 = phi double [ 0x0000000000000000, %remembered ], [ 0x0000000000000000, %ordinary.saved0 ], [ 0x0000000000000000, %saved0 ], [ %v312, %merge0 ]
  %v318 = phi double [ 0x0000000000000000, %remembered ], [ 0x0000000000000000, %ordinary.saved0 ], [ 0x0000000000000000, %saved0 ], [ %v313, %merge0 ]
  %v319 = phi i1 [ false, %remembered ], [ false, %ordinary.saved0 ], [ %v259, %saved0 ], [ %v259, %merge0 ]
  %v320 = fcmp ord double %v65, %v65
  %v321 = fcmp ord double %v68, %v68
  %v322 = or i1 %v320, %v321
  br i1 %v322, label %run1, label %done1
run1:
  %v323 = icmp eq i64 %wait, 0
  %v324 = fcmp ord double %v65, %v65
  %v325 = fcmp ord double %v68, %v68
  %v326 = and i1 %v322, %v324
  %v327 = and i1 %v326, %v325
  %v328 = and i1 %v323, %v327
  br i1 %v328, label %ordinary1, label %whole1
ordinary1:
  %v329 = fadd double %v315, %v316
  %v330 = fdiv double %v315, %v329
  %v331 = fadd double %v330, 0x3FC0000000000000
  %v332 = fsub double %v65, %v314
  %v333 = fmul double %v315, %v331
  %v334 = fsub double %v316, %v333
  %v335 = fmul double %v331, %v332
  %v336 = fadd double %v314, %v335
  %v337 = fmul double %v315, 0x3FE8000000000000
  %v338 = fcmp olt double 0x3FE0000000000000, %v334
  %v339 = select i1 %v338, double %v334, double %v316
  %v340 = fcmp olt double %v332, 0x41CDCD6500000000
  %v341 = fcmp olt double %v334, 0x404E000000000000
  %v342 = and i1 %v340, %v341
  br i1 %v342, label %ordinary1.0, label %whole1
ordinary1.0:
  %v343 = fmul double %v332, %v332
  %v344 = and i1 true, false
  %v345 = select i1 %v344, i64 2, i64 0
  %v346 = or i64 0, %v345
  %v347 = fadd double %v317, %v343
  %v348 = fadd double %v318, %v335
  %v349 = select i1 true, double %v332, double 0x7FF8000000000000
  %v350 = fcmp uno double %v349, %v349
  %v351 = select i1 %v350, double 0x7FF8000000000000, double %v349
  %v352 = select i1 true, double %v331, double 0x7FF8000000000000
  %v353 = fcmp uno double %v352, %v352
  %v354 = select i1 %v353, double 0x7FF8000000000000, double %v352
  %v355 = select i1 true, i64 1, i64 0
  %v356 = or i64 %v346, %v355
  br i1 %v101, label %ordinary.save1, label %ordinary.saved1
ordinary.save1:
  %v357 = getelementptr double, ptr %v73, i64 7
  store double %v331, ptr %v357, align 8
  %v358 = getelementptr double, ptr %v73, i64 8
  store double %v337, ptr %v358, align 8
  %v359 = getelementptr double, ptr %v73, i64 9
  store double %v339, ptr %v359, align 8
  %v360 = select i1 %v341, double 0x3FF0000000000000, double 0x0000000000000000
  %v361 = getelementptr double, ptr %v73, i64 10
  store double %v360, ptr %v361, align 8
  %v362 = select i1 false, double 0x3FF0000000000000, double 0x0000000000000000
  %v363 = getelementptr double, ptr %v73, i64 11
  store double %v362, ptr %v363, align 8
  br label %ordinary.saved1
ordinary.saved1:
  br label %done1
whole1:
  %v364 = phi i1 [ %v319, %run1 ], [ true, %ordinary1 ]
  %v365 = fcmp oeq double %v65, %v65
  %v366 = fcmp oeq double %v68, %v68
  %v367 = fadd double %v315, %v316
  %v368 = fdiv double %v315, %v367
  %v369 = select i1 %v365, double %v368, double 0x0000000000000000
  %v370 = select i1 %v366, double 0x3FC0000000000000, double 0x0000000000000000
  %v371 = fadd double %v369, %v370
  %v372 = fsub double %v65, %v314
  %v373 = select i1 %v365, double %v372, double 0x0000000000000000
  %v374 = fmul double %v315, %v371
  %v375 = fsub double %v316, %v374
  %v376 = fmul double %v371, %v373
  %v377 = fadd double %v314, %v376
  %v378 = fmul double %v315, 0x3FE8000000000000
  %v379 = fcmp olt double 0x3FE0000000000000, %v375
  %v380 = select i1 %v379, double %v375, double %v316
  %v381 = fcmp olt double %v373, 0x41CDCD6500000000
  %v382 = fcmp olt double %v375, 0x404E000000000000
  %v383 = and i1 %v381, %v382
  %v384 = fmul double %v373, %v373
  %v385 = fcmp une double %v68, %v68
  %v386 = xor i1 %v365, true
  %v387 = or i1 %v385, %v386
  br i1 %v101, label %save1, label %saved1
save1:
  %v388 = getelementptr double, ptr %v73, i64 7
  store double %v371, ptr %v388, align 8
  %v389 = getelementptr double, ptr %v73, i64 8
  store double %v378, ptr %v389, align 8
  %v390 = getelementptr double, ptr %v73, i64 9
  store double %v380, ptr %v390, align 8
  %v391 = select i1 %v382, double 0x3FF0000000000000, double 0x0000000000000000
  %v392 = getelementptr double, ptr %v73, i64 10
  store double %v391, ptr %v392, align 8
  %v393 = select i1 %v387, double 0x3FF0000000000000, double 0x0000000000000000
  %v394 = getelementptr double, ptr %v73, i64 11
  store double %v393, ptr %v394, align 8
  br label %saved1
saved1:
  %v395 = and i1 %v322, %v383
  %v396 = and i1 %v322, %v387
  %v397 = select i1 %v396, i64 2, i64 0
  %v398 = or i64 0, %v397
  %v399 = fadd double %v317, %v384
  %v400 = fadd double %v318, %v376
  %v401 = select i1 %v395, double %v373, double 0x7FF8000000000000
  %v402 = fcmp uno double %v401, %v401
  %v403 = select i1 %v402, double 0x7FF8000000000000, double %v401
  %v404 = select i1 %v395, double %v371, double 0x7FF8000000000000
  %v405 = fcmp uno double %v404, %v404
  %v406 = select i1 %v405, double 0x7FF8000000000000, double %v404
  %v407 = select i1 true, i64 1, i64 0
  %v408 = or i64 %v398, %v407
  br i1 %v395, label %done1, label %merge1
merge1:
  %v409 = getelementptr i8, ptr %v72, i64 0
  store i64 -1, ptr %v409
  %v410 = getelementptr i8, ptr %v72, i64 16
  store i64 -1, ptr %v410
  %v411 = select i1 %v395, double %v377, double %v314
  %v412 = select i1 %v395, double %v378, double %v315
  %v413 = select i1 %v395, double %v380, double %v316
  %v414 = select i1 %v395, double %v399, double %v317
  %v415 = select i1 %v395, double %v400, double %v318
  %v416 = select i1 %v395, i64 1, i64 0
  %v417 = or i64 %v398, %v416
  br label %done1
done1:
  %v418 = phi double [ %v314, %done0 ], [ %v336, %ordinary.saved1 ], [ %v377, %saved1 ], [ %v411, %merge1 ]
  %v419 = phi double [ %v315, %done0 ], [ %v337, %ordinary.saved1 ], [ %v378, %saved1 ], [ %v412, %merge1 ]
  %v420 = phi double [ %v316, %done0 ], [ %v339, %ordinary.saved1 ], [ %v380, %saved1 ], [ %v413, %merge1 ]
  %v421 = phi double [ %v317, %done0 ], [ %v347, %ordinary.saved1 ], [ %v399, %saved1 ], [ %v414, %merge1 ]
  %v422 = phi double [ %v318, %done0 ], [ %v348, %ordinary.saved1 ], [ %v400, %saved1 ], [ %v415, %merge1 ]
  %v423 = phi i64 [ 0, %done0 ], [ %v356, %ordinary.saved1 ], [ %v408, %saved1 ], [ %v417, %merge1 ]
  %v424 = phi double [ 0x7FF8000000000000, %done0 ], [ %v351, %ordinary.saved1 ], [ %v403, %saved1 ], [ %v403, %merge1 ]
  %v425 = phi double [ 0x7FF8000000000000, %done0 ], [ %v354, %ordinary.saved1 ], [ %v406, %saved1 ], [ %v406, %merge1 ]
  %v426 = phi i1 [ %v319, %done0 ], [ %v319, %ordinary.saved1 ], [ %v364, %saved1 ], [ %v364, %merge1 ]
  br label %tail
tail:
  %v427 = phi double [ %v188, %fast.done1 ], [ %v418, %done1 ]
  %v428 = phi double [ %v189, %fast.done1 ], [ %v419, %done1 ]
  %v429 = phi double [ %v190, %fast.done1 ], [ %v420, %done1 ]
  %v430 = phi double [ %v191, %fast.done1 ], [ %v421, %done1 ]
  %v431 = phi double [ %v192, %fast.done1 ], [ %v422, %done1 ]
  %v432 = phi i64 [ %v193, %fast.done1 ], [ %v423, %done1 ]
  %v433 = phi double [ %v194, %fast.done1 ], [ %v424, %done1 ]
  %v434 = phi double [ %v195, %fast.done1 ], [ %v425, %done1 ]
  %v435 = phi i1 [ false, %fast.done1 ], [ %v426, %done1 ]
  %is.fast = phi i1 [ true, %fast.done1 ], [ false, %done1 ]
  %v436 = and i64 %v432, 4865
  %v437 = icmp ne i64 %v436, 0
  %v438 = select i1 %v437, i64 0, i64 4
  %v439 = or i64 %v432, %v438
  %v440 = and i64 %v439, 1
  %v441 = icmp ne i64 %v440, 0
  %v442 = select i1 %v441, double %v430, double 0x7FF8000000000000
  %v443 = uitofp i64 %v439 to double
  %v444 = mul i64 %k, 8
  %v445 = add i64 %v444, 32
  %v446 = add i64 %v444, 0
  %v447 = getelementptr double, ptr %v58, i64 %v446
  store double %v427, ptr %v447
  %v448 = add i64 %v444, 1
  %v449 = getelementptr double, ptr %v58, i64 %v448
  store double %v428, ptr %v449
  %v450 = add i64 %v444, 2
  %v451 = getelementptr double, ptr %v58, i64 %v450
  store double %v429, ptr %v451
  %v452 = add i64 %v444, 3
  %v453 = getelementptr double, ptr %v58, i64 %v452
  store double %v433, ptr %v453
  %v454 = add i64 %v444, 4
  %v455 = getelementptr double, ptr %v58, i64 %v454
  store double %v434, ptr %v455
  %v456 = add i64 %v444, 5
  %v457 = getelementptr double, ptr %v58, i64 %v456
  store double %v442, ptr %v457
  %v458 = add i64 %v444, 6
  %v459 = getelementptr double, ptr %v58, i64 %v458
  store double %v431, ptr %v459
  %v460 = add i64 %v444, 7
  %v461 = getelementptr double, ptr %v58, i64 %v460
  store double %v443, ptr %v461
  %v462 = fadd double %total, %v431
  br label %row.done
row.done:
  %c0.next = phi double [ %v427, %tail ]
  %c1.next = phi double [ %v428, %tail ]
  %c2.next = phi double [ %v429, %tail ]
  %total.next = phi double [ %v462, %tail ]
  %seen.next = or i64 %seen, %v439
  %k.next = add i64 %k, 1
  %v463 = call i64 @llvm.usub.sat.i64(i64 %wait, i64 1)
  %wait.next = select i1 %v435, i64 32, i64 %v463
  %v464 = add i64 %slot, 1
  %v465 = icmp eq i64 %v464, %v32
  %slot.next = select i1 %v465, i64 0, i64 %v464
  %v466 = icmp slt i64 %k.next, %v4
  br i1 %v466, label %row, label %track.done
track.done:
  %v467 = phi double [ %v43, %track ], [ %c0.next, %row.done ]
  %v468 = phi double [ %v45, %track ], [ %c1.next, %row.done ]
  %v469 = phi double [ %v47, %track ], [ %c2.next, %row.done ]
  %v470 = phi double [ %v49, %track ], [ %total.next, %row.done ]
  %v471 = phi i64 [ %v52, %track ], [ %seen.next, %row.done ]
  %v472 = uitofp i64 %v471 to double
  %v473 = mul i64 %v39, 5
  %v474 = getelementptr double, ptr %v24, i64 %v473
  %v475 = getelementptr double, ptr %v474, i64 0
  store double %v467, ptr %v475
  %v476 = getelementptr double, ptr %v474, i64 1
  store double %v468, ptr %v476
  %v477 = getelementptr double, ptr %v474, i64 2
  store double %v469, ptr %v477
  %v478 = getelementptr double, ptr %v474, i64 3
  store double %v470, ptr %v478
  %v479 = getelementptr double, ptr %v474, i64 4
  store double %v472, ptr %v479
  br label %track.next
track.next:
  %block.next = add i64 %block, 1
  %v480 = icmp slt i64 %block.next, %v2
  br i1 %v480, label %track, label %end
end:
  ret void
}
attributes #0 = { nounwind "prefer-vector-width"="64" "min-legal-vector-width"="64" }
