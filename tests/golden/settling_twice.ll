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
  %v197 = icmp eq i64 %wait, 0
  %v198 = and i1 %v197, %v196
  br i1 %v198, label %ordinary0, label %whole0
ordinary0:
  %v199 = fmul double %c1, 0x3FE0000000000000
  %v200 = fadd double %v61, %v199
  %v201 = fmul double %c2, 0x3FD0000000000000
  %v202 = fadd double %v201, %v34
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
  %v227 = fmul double 0x3FE0000000000000, %v224
  %v228 = fadd double %v61, %v227
  %v229 = fmul double 0x3FD0000000000000, %v226
  %v230 = fadd double %v34, %v229
  %v231 = fmul double 0x3FE0000000000000, %v228
  %v232 = fadd double %v61, %v231
  %v233 = fmul double 0x3FD0000000000000, %v230
  %v234 = fadd double %v34, %v233
  %v235 = fmul double %v61, %v234
  %v236 = fadd double %c0, %v235
  %v237 = fcmp olt double %v232, 0x4049000000000000
  %v238 = fcmp olt double %c0, 0x41CDCD6500000000
  %v239 = and i1 %v237, %v238
  br i1 %v239, label %ordinary0.0, label %whole0
ordinary0.0:
  br i1 %v101, label %ordinary.save0, label %ordinary.saved0
ordinary.save0:
  %v240 = getelementptr double, ptr %v73, i64 3
  store double %v232, ptr %v240, align 8
  %v241 = getelementptr double, ptr %v73, i64 4
  store double %v234, ptr %v241, align 8
  %v242 = getelementptr double, ptr %v73, i64 5
  store double %v235, ptr %v242, align 8
  %v243 = select i1 %v237, double 0x3FF0000000000000, double 0x0000000000000000
  %v244 = getelementptr double, ptr %v73, i64 6
  store double %v243, ptr %v244, align 8
  br label %ordinary.saved0
ordinary.saved0:
  br label %done0
whole0:
  %v245 = phi i1 [ false, %run0 ], [ true, %ordinary0 ]
  %v246 = fmul double %c1, 0x3FE0000000000000
  %v247 = fadd double %v61, %v246
  %v248 = fmul double %c2, 0x3FD0000000000000
  %v249 = fadd double %v248, %v34
  %v250 = fmul double 0x3FE0000000000000, %v247
  %v251 = fadd double %v61, %v250
  %v252 = fmul double 0x3FD0000000000000, %v249
  %v253 = fadd double %v34, %v252
  %v254 = fmul double 0x3FE0000000000000, %v251
  %v255 = fadd double %v61, %v254
  %v256 = fmul double 0x3FD0000000000000, %v253
  %v257 = fadd double %v34, %v256
  %v258 = fmul double 0x3FE0000000000000, %v255
  %v259 = fadd double %v61, %v258
  %v260 = fmul double 0x3FD0000000000000, %v257
  %v261 = fadd double %v34, %v260
  %v262 = fmul double 0x3FE0000000000000, %v259
  %v263 = fadd double %v61, %v262
  %v264 = fmul double 0x3FD0000000000000, %v261
  %v265 = fadd double %v34, %v264
  %v266 = fmul double 0x3FE0000000000000, %v263
  %v267 = fadd double %v61, %v266
  %v268 = fmul double 0x3FD0000000000000, %v265
  %v269 = fadd double %v34, %v268
  %v270 = fmul double 0x3FE0000000000000, %v267
  %v271 = fadd double %v61, %v270
  %v272 = fmul double 0x3FD0000000000000, %v269
  %v273 = fadd double %v34, %v272
  %v274 = fmul double 0x3FE0000000000000, %v271
  %v275 = fadd double %v61, %v274
  %v276 = fmul double 0x3FD0000000000000, %v273
  %v277 = fadd double %v34, %v276
  %v278 = fmul double 0x3FE0000000000000, %v275
  %v279 = fadd double %v61, %v278
  %v280 = fmul double 0x3FD0000000000000, %v277
  %v281 = fadd double %v34, %v280
  %v282 = fmul double %v61, %v281
  %v283 = fadd double %c0, %v282
  %v284 = fcmp olt double %v279, 0x4049000000000000
  %v285 = fcmp olt double %c0, 0x41CDCD6500000000
  %v286 = and i1 %v284, %v285
  br i1 %v101, label %save0, label %saved0
save0:
  %v287 = getelementptr double, ptr %v73, i64 3
  store double %v279, ptr %v287, align 8
  %v288 = getelementptr double, ptr %v73, i64 4
  store double %v281, ptr %v288, align 8
  %v289 = getelementptr double, ptr %v73, i64 5
  store double %v282, ptr %v289, align 8
  %v290 = select i1 %v284, double 0x3FF0000000000000, double 0x0000000000000000
  %v291 = getelementptr double, ptr %v73, i64 6
  store double %v290, ptr %v291, align 8
  br label %saved0
saved0:
  %v292 = and i1 %v196, %v286
  br i1 %v292, label %done0, label %merge0
merge0:
  %v293 = getelementptr i8, ptr %v72, i64 0
  store i64 -1, ptr %v293
  %v294 = getelementptr i8, ptr %v72, i64 16
  store i64 -1, ptr %v294
  %v295 = select i1 %v292, double %v283, double %c0
  %v296 = select i1 %v292, double %v279, double %c1
  %v297 = select i1 %v292, double %v281, double %c2
  %v298 = select i1 %v292, double 0x0000000000000000, double 0x0000000000000000
  %v299 = select i1 %v292, double 0x0000000000000000, double 0x0000000000000000
  br label %done0
done0:
  %v300 = phi double [ %c0, %remembered ], [ %v236, %ordinary.saved0 ], [ %v283, %saved0 ], [ %v295, %merge0 ]
  %v301 = phi double [ %c1, %remembered ], [ %v232, %ordinary.saved0 ], [ %v279, %saved0 ], [ %v296, %merge0 ]
  %v302 = phi double [ %c2, %remembered ], [ %v234, %ordinary.saved0 ], [ %v281, %saved0 ], [ %v297, %merge0 ]
  %v303 = phi double [ 0x0000000000000000, %remembered ], [ 0x0000000000000000, %ordinary.saved0 ], [ 0x0000000000000000, %saved0 ], [ %v298, %merge0 ]
  %v304 = phi double [ 0x0000000000000000, %remembered ], [ 0x0000000000000000, %ordinary.saved0 ], [ 0x0000000000000000, %saved0 ], [ %v299, %merge0 ]
  %v305 = phi i1 [ false, %remembered ], [ false, %ordinary.saved0 ], [ %v245, %saved0 ], [ %v245, %merge0 ]
  %v306 = fcmp ord double %v65, %v65
  %v307 = fcmp ord double %v68, %v68
  %v308 = or i1 %v306, %v307
  br i1 %v308, label %run1, label %done1
run1:
  %v309 = icmp eq i64 %wait, 0
  %v310 = fcmp ord double %v65, %v65
  %v311 = fcmp ord double %v68, %v68
  %v312 = and i1 %v308, %v310
  %v313 = and i1 %v312, %v311
  %v314 = and i1 %v309, %v313
  br i1 %v314, label %ordinary1, label %whole1
ordinary1:
  %v315 = fadd double %v301, %v302
  %v316 = fdiv double %v301, %v315
  %v317 = fadd double %v316, 0x3FC0000000000000
  %v318 = fsub double %v65, %v300
  %v319 = fmul double %v301, %v317
  %v320 = fsub double %v302, %v319
  %v321 = fmul double %v317, %v318
  %v322 = fadd double %v300, %v321
  %v323 = fmul double %v301, 0x3FE8000000000000
  %v324 = fcmp olt double 0x3FE0000000000000, %v320
  %v325 = select i1 %v324, double %v320, double %v302
  %v326 = fcmp olt double %v318, 0x41CDCD6500000000
  %v327 = fcmp olt double %v320, 0x404E000000000000
  %v328 = and i1 %v326, %v327
  br i1 %v328, label %ordinary1.0, label %whole1
ordinary1.0:
  %v329 = fmul double %v318, %v318
  %v330 = and i1 true, false
  %v331 = select i1 %v330, i64 2, i64 0
  %v332 = or i64 0, %v331
  %v333 = fadd double %v303, %v329
  %v334 = fadd double %v304, %v321
  %v335 = select i1 true, double %v318, double 0x7FF8000000000000
  %v336 = fcmp uno double %v335, %v335
  %v337 = select i1 %v336, double 0x7FF8000000000000, double %v335
  %v338 = select i1 true, double %v317, double 0x7FF8000000000000
  %v339 = fcmp uno double %v338, %v338
  %v340 = select i1 %v339, double 0x7FF8000000000000, double %v338
  %v341 = select i1 true, i64 1, i64 0
  %v342 = or i64 %v332, %v341
  br i1 %v101, label %ordinary.save1, label %ordinary.saved1
ordinary.save1:
  %v343 = getelementptr double, ptr %v73, i64 7
  store double %v317, ptr %v343, align 8
  %v344 = getelementptr double, ptr %v73, i64 8
  store double %v323, ptr %v344, align 8
  %v345 = getelementptr double, ptr %v73, i64 9
  store double %v325, ptr %v345, align 8
  %v346 = select i1 %v327, double 0x3FF0000000000000, double 0x0000000000000000
  %v347 = getelementptr double, ptr %v73, i64 10
  store double %v346, ptr %v347, align 8
  %v348 = select i1 false, double 0x3FF0000000000000, double 0x0000000000000000
  %v349 = getelementptr double, ptr %v73, i64 11
  store double %v348, ptr %v349, align 8
  br label %ordinary.saved1
ordinary.saved1:
  br label %done1
whole1:
  %v350 = phi i1 [ %v305, %run1 ], [ true, %ordinary1 ]
  %v351 = fcmp oeq double %v65, %v65
  %v352 = fcmp oeq double %v68, %v68
  %v353 = fadd double %v301, %v302
  %v354 = fdiv double %v301, %v353
  %v355 = select i1 %v351, double %v354, double 0x0000000000000000
  %v356 = select i1 %v352, double 0x3FC0000000000000, double 0x0000000000000000
  %v357 = fadd double %v355, %v356
  %v358 = fsub double %v65, %v300
  %v359 = select i1 %v351, double %v358, double 0x0000000000000000
  %v360 = fmul double %v301, %v357
  %v361 = fsub double %v302, %v360
  %v362 = fmul double %v357, %v359
  %v363 = fadd double %v300, %v362
  %v364 = fmul double %v301, 0x3FE8000000000000
  %v365 = fcmp olt double 0x3FE0000000000000, %v361
  %v366 = select i1 %v365, double %v361, double %v302
  %v367 = fcmp olt double %v359, 0x41CDCD6500000000
  %v368 = fcmp olt double %v361, 0x404E000000000000
  %v369 = and i1 %v367, %v368
  %v370 = fmul double %v359, %v359
  %v371 = fcmp une double %v68, %v68
  %v372 = xor i1 %v351, true
  %v373 = or i1 %v371, %v372
  br i1 %v101, label %save1, label %saved1
save1:
  %v374 = getelementptr double, ptr %v73, i64 7
  store double %v357, ptr %v374, align 8
  %v375 = getelementptr double, ptr %v73, i64 8
  store double %v364, ptr %v375, align 8
  %v376 = getelementptr double, ptr %v73, i64 9
  store double %v366, ptr %v376, align 8
  %v377 = select i1 %v368, double 0x3FF0000000000000, double 0x0000000000000000
  %v378 = getelementptr double, ptr %v73, i64 10
  store double %v377, ptr %v378, align 8
  %v379 = select i1 %v373, double 0x3FF0000000000000, double 0x0000000000000000
  %v380 = getelementptr double, ptr %v73, i64 11
  store double %v379, ptr %v380, align 8
  br label %saved1
saved1:
  %v381 = and i1 %v308, %v369
  %v382 = and i1 %v308, %v373
  %v383 = select i1 %v382, i64 2, i64 0
  %v384 = or i64 0, %v383
  %v385 = fadd double %v303, %v370
  %v386 = fadd double %v304, %v362
  %v387 = select i1 %v381, double %v359, double 0x7FF8000000000000
  %v388 = fcmp uno double %v387, %v387
  %v389 = select i1 %v388, double 0x7FF8000000000000, double %v387
  %v390 = select i1 %v381, double %v357, double 0x7FF8000000000000
  %v391 = fcmp uno double %v390, %v390
  %v392 = select i1 %v391, double 0x7FF8000000000000, double %v390
  %v393 = select i1 true, i64 1, i64 0
  %v394 = or i64 %v384, %v393
  br i1 %v381, label %done1, label %merge1
merge1:
  %v395 = getelementptr i8, ptr %v72, i64 0
  store i64 -1, ptr %v395
  %v396 = getelementptr i8, ptr %v72, i64 16
  store i64 -1, ptr %v396
  %v397 = select i1 %v381, double %v363, double %v300
  %v398 = select i1 %v381, double %v364, double %v301
  %v399 = select i1 %v381, double %v366, double %v302
  %v400 = select i1 %v381, double %v385, double %v303
  %v401 = select i1 %v381, double %v386, double %v304
  %v402 = select i1 %v381, i64 1, i64 0
  %v403 = or i64 %v384, %v402
  br label %done1
done1:
  %v404 = phi double [ %v300, %done0 ], [ %v322, %ordinary.saved1 ], [ %v363, %saved1 ], [ %v397, %merge1 ]
  %v405 = phi double [ %v301, %done0 ], [ %v323, %ordinary.saved1 ], [ %v364, %saved1 ], [ %v398, %merge1 ]
  %v406 = phi double [ %v302, %done0 ], [ %v325, %ordinary.saved1 ], [ %v366, %saved1 ], [ %v399, %merge1 ]
  %v407 = phi double [ %v303, %done0 ], [ %v333, %ordinary.saved1 ], [ %v385, %saved1 ], [ %v400, %merge1 ]
  %v408 = phi double [ %v304, %done0 ], [ %v334, %ordinary.saved1 ], [ %v386, %saved1 ], [ %v401, %merge1 ]
  %v409 = phi i64 [ 0, %done0 ], [ %v342, %ordinary.saved1 ], [ %v394, %saved1 ], [ %v403, %merge1 ]
  %v410 = phi double [ 0x7FF8000000000000, %done0 ], [ %v337, %ordinary.saved1 ], [ %v389, %saved1 ], [ %v389, %merge1 ]
  %v411 = phi double [ 0x7FF8000000000000, %done0 ], [ %v340, %ordinary.saved1 ], [ %v392, %saved1 ], [ %v392, %merge1 ]
  %v412 = phi i1 [ %v305, %done0 ], [ %v305, %ordinary.saved1 ], [ %v350, %saved1 ], [ %v350, %merge1 ]
  br label %tail
tail:
  %v413 = phi double [ %v181, %fast.done1 ], [ %v404, %done1 ]
  %v414 = phi double [ %v182, %fast.done1 ], [ %v405, %done1 ]
  %v415 = phi double [ %v183, %fast.done1 ], [ %v406, %done1 ]
  %v416 = phi double [ %v184, %fast.done1 ], [ %v407, %done1 ]
  %v417 = phi double [ %v185, %fast.done1 ], [ %v408, %done1 ]
  %v418 = phi i64 [ %v186, %fast.done1 ], [ %v409, %done1 ]
  %v419 = phi double [ %v187, %fast.done1 ], [ %v410, %done1 ]
  %v420 = phi double [ %v188, %fast.done1 ], [ %v411, %done1 ]
  %v421 = phi i1 [ false, %fast.done1 ], [ %v412, %done1 ]
  %v422 = and i64 %v418, 4865
  %v423 = icmp ne i64 %v422, 0
  %v424 = select i1 %v423, i64 0, i64 4
  %v425 = or i64 %v418, %v424
  %v426 = and i64 %v425, 1
  %v427 = icmp ne i64 %v426, 0
  %v428 = select i1 %v427, double %v416, double 0x7FF8000000000000
  %v429 = uitofp i64 %v425 to double
  %v430 = mul i64 %k, 8
  %v431 = add i64 %v430, 32
  %v432 = add i64 %v430, 0
  %v433 = getelementptr double, ptr %v58, i64 %v432
  store double %v413, ptr %v433
  %v434 = add i64 %v430, 1
  %v435 = getelementptr double, ptr %v58, i64 %v434
  store double %v414, ptr %v435
  %v436 = add i64 %v430, 2
  %v437 = getelementptr double, ptr %v58, i64 %v436
  store double %v415, ptr %v437
  %v438 = add i64 %v430, 3
  %v439 = getelementptr double, ptr %v58, i64 %v438
  store double %v419, ptr %v439
  %v440 = add i64 %v430, 4
  %v441 = getelementptr double, ptr %v58, i64 %v440
  store double %v420, ptr %v441
  %v442 = add i64 %v430, 5
  %v443 = getelementptr double, ptr %v58, i64 %v442
  store double %v428, ptr %v443
  %v444 = add i64 %v430, 6
  %v445 = getelementptr double, ptr %v58, i64 %v444
  store double %v417, ptr %v445
  %v446 = add i64 %v430, 7
  %v447 = getelementptr double, ptr %v58, i64 %v446
  store double %v429, ptr %v447
  %v448 = fadd double %total, %v417
  br label %row.done
row.done:
  %c0.next = phi double [ %v413, %tail ]
  %c1.next = phi double [ %v414, %tail ]
  %c2.next = phi double [ %v415, %tail ]
  %total.next = phi double [ %v448, %tail ]
  %seen.next = or i64 %seen, %v425
  %k.next = add i64 %k, 1
  %v449 = call i64 @llvm.usub.sat.i64(i64 %wait, i64 1)
  %wait.next = select i1 %v421, i64 32, i64 %v449
  %v450 = add i64 %slot, 1
  %v451 = icmp eq i64 %v450, %v32
  %slot.next = select i1 %v451, i64 0, i64 %v450
  %v452 = icmp slt i64 %k.next, %v4
  br i1 %v452, label %row, label %track.done
track.done:
  %v453 = phi double [ %v43, %track ], [ %c0.next, %row.done ]
  %v454 = phi double [ %v45, %track ], [ %c1.next, %row.done ]
  %v455 = phi double [ %v47, %track ], [ %c2.next, %row.done ]
  %v456 = phi double [ %v49, %track ], [ %total.next, %row.done ]
  %v457 = phi i64 [ %v52, %track ], [ %seen.next, %row.done ]
  %v458 = uitofp i64 %v457 to double
  %v459 = mul i64 %v39, 5
  %v460 = getelementptr double, ptr %v24, i64 %v459
  %v461 = getelementptr double, ptr %v460, i64 0
  store double %v453, ptr %v461
  %v462 = getelementptr double, ptr %v460, i64 1
  store double %v454, ptr %v462
  %v463 = getelementptr double, ptr %v460, i64 2
  store double %v455, ptr %v463
  %v464 = getelementptr double, ptr %v460, i64 3
  store double %v456, ptr %v464
  %v465 = getelementptr double, ptr %v460, i64 4
  store double %v458, ptr %v465
  br label %track.next
track.next:
  %block.next = add i64 %block, 1
  %v466 = icmp slt i64 %block.next, %v2
  br i1 %v466, label %track, label %end
end:
  ret void
}
attributes #0 = { nounwind "prefer-vector-width"="64" "min-legal-vector-width"="64" }
