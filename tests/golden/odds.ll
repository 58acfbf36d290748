declare float @llvm.sqrt.f32(float)
declare float @llvm.floor.f32(float)
declare float @llvm.rint.f32(float)
declare float @llvm.fabs.f32(float)
declare float @llvm.copysign.f32(float, float)

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
  %v33 = getelementptr float, ptr %v18, i64 1
  %v34 = load float, ptr %v33
  %v35 = sub i64 %v2, 1
  %v36 = icmp sge i64 %v35, 0
  br i1 %v36, label %track, label %end
track:
  %block = phi i64 [ 0, %entry ], [ %block.next, %track.next ]
  %v37 = icmp slt i64 %block, %v35
  %v38 = select i1 %v37, i64 %block, i64 %v35
  %v39 = add i64 %v38, 0
  %v40 = mul i64 %v39, %v22
  %v41 = getelementptr float, ptr %v20, i64 %v40
  %v42 = getelementptr float, ptr %v41, i64 0
  %v43 = load float, ptr %v42
  %v44 = getelementptr float, ptr %v41, i64 1
  %v45 = load float, ptr %v44
  %v46 = getelementptr float, ptr %v41, i64 2
  %v47 = load float, ptr %v46
  %v48 = getelementptr float, ptr %v41, i64 3
  %v49 = load float, ptr %v48
  %v50 = getelementptr float, ptr %v41, i64 4
  %v51 = load float, ptr %v50
  %v52 = fptoui float %v51 to i32
  %v53 = mul i64 %v39, %v10
  %v54 = getelementptr float, ptr %v8, i64 %v53
  %v55 = mul i64 %v39, %v16
  %v56 = getelementptr float, ptr %v14, i64 %v55
  %v57 = mul i64 %v39, %v28
  %v58 = getelementptr float, ptr %v26, i64 %v57
  %v59 = icmp sgt i64 %v4, 0
  br i1 %v59, label %row, label %track.done
row:
  %k = phi i64 [ 0, %track ], [ %k.next, %row.done ]
  %c0 = phi float [ %v43, %track ], [ %c0.next, %row.done ]
  %c1 = phi float [ %v45, %track ], [ %c1.next, %row.done ]
  %c2 = phi float [ %v47, %track ], [ %c2.next, %row.done ]
  %total = phi float [ %v49, %track ], [ %total.next, %row.done ]
  %seen = phi i32 [ %v52, %track ], [ %seen.next, %row.done ]
  %v60 = getelementptr float, ptr %v6, i64 %k
  %v61 = load float, ptr %v60
  %v62 = mul i64 %k, 2
  %v63 = add i64 %v62, 1
  %v64 = getelementptr float, ptr %v12, i64 %v63
  %v65 = load float, ptr %v64
  %v66 = mul i64 %k, 1
  %v67 = add i64 %v66, 0
  %v68 = getelementptr float, ptr %v54, i64 %v67
  %v69 = load float, ptr %v68
  %v70 = mul i64 %k, 3
  %v71 = add i64 %v70, 0
  %v72 = getelementptr float, ptr %v56, i64 %v71
  %v73 = load float, ptr %v72
  %v74 = add i64 %v70, 1
  %v75 = getelementptr float, ptr %v56, i64 %v74
  %v76 = load float, ptr %v75
  %v77 = add i64 %v70, 2
  %v78 = getelementptr float, ptr %v56, i64 %v77
  %v79 = load float, ptr %v78
  %v80 = fcmp ogt float %v61, 0x0000000000000000
  br i1 %v80, label %run0, label %done0
run0:
  %v81 = fmul float %c1, %v61
  %v82 = fmul float %v34, %v81
  %v83 = fadd float %c0, %v82
  %v84 = fadd float %v83, %v69
  %v85 = fmul float %c1, 0x3FE0000000000000
  %v86 = call float @llvm.floor.f32(float %v85)
  %v87 = call float @llvm.rint.f32(float %v65)
  %v88 = fsub float %v86, %v87
  %v89 = call float @llvm.fabs.f32(float %c2)
  %v90 = call float @llvm.sqrt.f32(float %v89)
  %v91 = fcmp olt float %v84, 0x4059000000000000
  %v92 = fcmp ole float %v88, %v84
  %v93 = xor i1 %v92, true
  %v94 = or i1 %v91, %v93
  %v95 = fcmp ole float 0x0000000000000000, %c2
  %v96 = xor i1 %v95, true
  %v97 = and i1 %v80, %v94
  %v98 = and i1 %v80, %v96
  %v99 = select i1 %v98, i32 512, i32 0
  %v100 = or i32 0, %v99
  br i1 %v97, label %done0, label %merge0
merge0:
  %v101 = select i1 %v97, float %v84, float %c0
  %v102 = select i1 %v97, float %v88, float %c1
  %v103 = select i1 %v97, float %v90, float %c2
  %v104 = select i1 %v97, float 0x0000000000000000, float 0x0000000000000000
  %v105 = select i1 %v97, float 0x0000000000000000, float 0x0000000000000000
  br label %done0
done0:
  %v106 = phi float [ %c0, %row ], [ %v84, %run0 ], [ %v101, %merge0 ]
  %v107 = phi float [ %c1, %row ], [ %v88, %run0 ], [ %v102, %merge0 ]
  %v108 = phi float [ %c2, %row ], [ %v90, %run0 ], [ %v103, %merge0 ]
  %v109 = phi float [ 0x0000000000000000, %row ], [ 0x0000000000000000, %run0 ], [ %v104, %merge0 ]
  %v110 = phi float [ 0x0000000000000000, %row ], [ 0x0000000000000000, %run0 ], [ %v105, %merge0 ]
  %v111 = phi i32 [ 0, %row ], [ %v100, %run0 ], [ %v100, %merge0 ]
  %v112 = phi i1 [ true, %row ], [ true, %run0 ], [ false, %merge0 ]
  %v113 = fcmp ord float %v73, %v73
  %v114 = fcmp ord float %v76, %v76
  %v115 = or i1 %v113, %v114
  br i1 %v115, label %run1, label %done1
run1:
  %v116 = fcmp oeq float %v73, %v73
  %v117 = fsub float %v73, %v106
  %v118 = select i1 %v116, float %v117, float 0x0000000000000000
  %v119 = fadd float %v118, 0x3FF8000000000000
  %v120 = bitcast float %v119 to i32
  %v121 = lshr i32 %v120, 23
  %v122 = and i32 %v121, 255
  %v123 = or i32 %v122, 1258291200
  %v124 = bitcast i32 %v123 to float
  %v125 = fsub float %v124, 0x4160000FE0000000
  %v126 = fadd float %v125, 0x4160000FE0000000
  %v127 = bitcast float %v126 to i32
  %v128 = shl i32 %v127, 23
  %v129 = bitcast i32 %v128 to float
  %v130 = fmul float %v118, 0x3FB99999A0000000
  %v131 = fadd float %v106, %v130
  %v132 = call float @llvm.copysign.f32(float %v107, float %v118)
  %v133 = fneg float %v108
  %v134 = fcmp olt float %v118, 0x7FF0000000000000
  %v135 = fcmp olt float 0xFFF0000000000000, %v118
  %v136 = and i1 %v134, %v135
  %v137 = fcmp oeq float %v76, %v76
  %v138 = select i1 %v137, float %v76, float 0x7FF8000000000000
  %v139 = fmul float %v118, %v118
  %v140 = fmul float %v118, 0xBFE0000000000000
  %v141 = fcmp une float %v73, %v73
  %v142 = fcmp une float %v76, %v76
  %v143 = or i1 %v141, %v142
  %v144 = fcmp olt float 0x4010000000000000, %v129
  %v145 = and i1 %v115, %v136
  %v146 = and i1 %v115, %v143
  %v147 = select i1 %v146, i32 2, i32 0
  %v148 = or i32 %v111, %v147
  %v149 = and i1 %v115, %v144
  %v150 = select i1 %v149, i32 256, i32 0
  %v151 = or i32 %v148, %v150
  %v152 = fadd float %v109, %v139
  %v153 = fadd float %v110, %v140
  %v154 = select i1 %v145, float %v129, float 0x7FF8000000000000
  %v155 = fcmp uno float %v154, %v154
  %v156 = select i1 %v155, float 0x7FF8000000000000, float %v154
  %v157 = select i1 %v145, float %v138, float 0x7FF8000000000000
  %v158 = fcmp uno float %v157, %v157
  %v159 = select i1 %v158, float 0x7FF8000000000000, float %v157
  %v160 = select i1 true, i32 1, i32 0
  %v161 = or i32 %v151, %v160
  br i1 %v145, label %done1, label %merge1
merge1:
  %v162 = select i1 %v145, float %v131, float %v106
  %v163 = select i1 %v145, float %v132, float %v107
  %v164 = select i1 %v145, float %v133, float %v108
  %v165 = select i1 %v145, float %v152, float %v109
  %v166 = select i1 %v145, float %v153, float %v110
  %v167 = select i1 %v145, i32 1, i32 0
  %v168 = or i32 %v151, %v167
  br label %done1
done1:
  %v169 = phi float [ %v106, %done0 ], [ %v131, %run1 ], [ %v162, %merge1 ]
  %v170 = phi float [ %v107, %done0 ], [ %v132, %run1 ], [ %v163, %merge1 ]
  %v171 = phi float [ %v108, %done0 ], [ %v133, %run1 ], [ %v164, %merge1 ]
  %v172 = phi float [ %v109, %done0 ], [ %v152, %run1 ], [ %v165, %merge1 ]
  %v173 = phi float [ %v110, %done0 ], [ %v153, %run1 ], [ %v166, %merge1 ]
  %v174 = phi i32 [ %v111, %done0 ], [ %v161, %run1 ], [ %v168, %merge1 ]
  %v175 = phi i1 [ %v112, %done0 ], [ %v112, %run1 ], [ false, %merge1 ]
  %v176 = phi float [ 0x7FF8000000000000, %done0 ], [ %v156, %run1 ], [ %v156, %merge1 ]
  %v177 = phi float [ 0x7FF8000000000000, %done0 ], [ %v159, %run1 ], [ %v159, %merge1 ]
  %v178 = fcmp ord float %v79, %v79
  br i1 %v178, label %run2, label %done2
run2:
  %v179 = fadd float 0x3FF0000000000000, %v171
  %v180 = fcmp olt float %v79, 0x4022000000000000
  %v181 = and i1 %v178, %v180
  %v182 = select i1 %v181, float %v79, float 0x7FF8000000000000
  %v183 = fcmp uno float %v182, %v182
  %v184 = select i1 %v183, float 0x7FF8000000000000, float %v182
  %v185 = select i1 %v181, float %v179, float 0x7FF8000000000000
  %v186 = fcmp uno float %v185, %v185
  %v187 = select i1 %v186, float 0x7FF8000000000000, float %v185
  br i1 %v181, label %done2, label %merge2
merge2:
  %v188 = select i1 %v181, float %v79, float %v169
  %v189 = select i1 %v181, float %v170, float %v170
  %v190 = select i1 %v181, float %v179, float %v171
  %v191 = select i1 %v181, float %v172, float %v172
  %v192 = select i1 %v181, float %v173, float %v173
  br label %done2
done2:
  %v193 = phi float [ %v169, %done1 ], [ %v79, %run2 ], [ %v188, %merge2 ]
  %v194 = phi float [ %v170, %done1 ], [ %v170, %run2 ], [ %v189, %merge2 ]
  %v195 = phi float [ %v171, %done1 ], [ %v179, %run2 ], [ %v190, %merge2 ]
  %v196 = phi float [ %v172, %done1 ], [ %v172, %run2 ], [ %v191, %merge2 ]
  %v197 = phi float [ %v173, %done1 ], [ %v173, %run2 ], [ %v192, %merge2 ]
  %v198 = phi i1 [ %v175, %done1 ], [ %v175, %run2 ], [ false, %merge2 ]
  %v199 = phi float [ 0x7FF8000000000000, %done1 ], [ %v184, %run2 ], [ %v184, %merge2 ]
  %v200 = phi float [ 0x7FF8000000000000, %done1 ], [ %v187, %run2 ], [ %v187, %merge2 ]
  %v201 = and i32 %v174, 4865
  %v202 = icmp ne i32 %v201, 0
  %v203 = select i1 %v202, i32 0, i32 4
  %v204 = or i32 %v174, %v203
  %v205 = and i32 %v204, 1
  %v206 = icmp ne i32 %v205, 0
  %v207 = select i1 %v206, float %v196, float 0x7FF8000000000000
  %v208 = uitofp i32 %v204 to float
  %v209 = mul i64 %k, 13
  %v210 = add i64 %v209, 52
  %v211 = add i64 %v209, 0
  %v212 = getelementptr float, ptr %v58, i64 %v211
  store float %v193, ptr %v212
  %v213 = add i64 %v209, 1
  %v214 = getelementptr float, ptr %v58, i64 %v213
  store float %v194, ptr %v214
  %v215 = add i64 %v209, 2
  %v216 = getelementptr float, ptr %v58, i64 %v215
  store float %v195, ptr %v216
  %v217 = add i64 %v209, 3
  %v218 = getelementptr float, ptr %v58, i64 %v217
  store float %v176, ptr %v218
  %v219 = add i64 %v209, 4
  %v220 = getelementptr float, ptr %v58, i64 %v219
  store float %v199, ptr %v220
  %v221 = add i64 %v209, 5
  %v222 = getelementptr float, ptr %v58, i64 %v221
  store float %v177, ptr %v222
  %v223 = add i64 %v209, 6
  %v224 = getelementptr float, ptr %v58, i64 %v223
  store float %v106, ptr %v224
  %v225 = add i64 %v209, 7
  %v226 = getelementptr float, ptr %v58, i64 %v225
  store float %v107, ptr %v226
  %v227 = add i64 %v209, 8
  %v228 = getelementptr float, ptr %v58, i64 %v227
  store float %v108, ptr %v228
  %v229 = add i64 %v209, 9
  %v230 = getelementptr float, ptr %v58, i64 %v229
  store float %v207, ptr %v230
  %v231 = add i64 %v209, 10
  %v232 = getelementptr float, ptr %v58, i64 %v231
  store float %v197, ptr %v232
  %v233 = add i64 %v209, 11
  %v234 = getelementptr float, ptr %v58, i64 %v233
  store float %v208, ptr %v234
  %v235 = add i64 %v209, 12
  %v236 = getelementptr float, ptr %v58, i64 %v235
  store float %v200, ptr %v236
  %v237 = fadd float %total, %v197
  br label %row.done
row.done:
  %c0.next = phi float [ %v193, %done2 ]
  %c1.next = phi float [ %v194, %done2 ]
  %c2.next = phi float [ %v195, %done2 ]
  %total.next = phi float [ %v237, %done2 ]
  %seen.next = or i32 %seen, %v204
  %k.next = add i64 %k, 1
  %v238 = icmp slt i64 %k.next, %v4
  br i1 %v238, label %row, label %track.done
track.done:
  %v239 = phi float [ %v43, %track ], [ %c0.next, %row.done ]
  %v240 = phi float [ %v45, %track ], [ %c1.next, %row.done ]
  %v241 = phi float [ %v47, %track ], [ %c2.next, %row.done ]
  %v242 = phi float [ %v49, %track ], [ %total.next, %row.done ]
  %v243 = phi i32 [ %v52, %track ], [ %seen.next, %row.done ]
  %v244 = uitofp i32 %v243 to float
  %v245 = mul i64 %v39, 5
  %v246 = getelementptr float, ptr %v24, i64 %v245
  %v247 = getelementptr float, ptr %v246, i64 0
  store float %v239, ptr %v247
  %v248 = getelementptr float, ptr %v246, i64 1
  store float %v240, ptr %v248
  %v249 = getelementptr float, ptr %v246, i64 2
  store float %v241, ptr %v249
  %v250 = getelementptr float, ptr %v246, i64 3
  store float %v242, ptr %v250
  %v251 = getelementptr float, ptr %v246, i64 4
  store float %v244, ptr %v251
  br label %track.next
track.next:
  %block.next = add i64 %block, 1
  %v252 = icmp slt i64 %block.next, %v2
  br i1 %v252, label %track, label %end
end:
  ret void
}
attributes #0 = { nounwind "prefer-vector-width"="32" "min-legal-vector-width"="32" }
