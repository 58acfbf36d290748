declare float @llvm.sqrt.f32(float)
declare float @llvm.floor.f32(float)
declare float @llvm.rint.f32(float)
declare float @llvm.fabs.f32(float)
declare float @llvm.copysign.f32(float, float)
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
  %v112 = fcmp ord float %v73, %v73
  %v113 = fcmp ord float %v76, %v76
  %v114 = or i1 %v112, %v113
  br i1 %v114, label %run1, label %done1
run1:
  %v115 = fcmp oeq float %v73, %v73
  %v116 = fsub float %v73, %v106
  %v117 = select i1 %v115, float %v116, float 0x0000000000000000
  %v118 = fadd float %v117, 0x3FF8000000000000
  %v119 = bitcast float %v118 to i32
  %v120 = lshr i32 %v119, 23
  %v121 = and i32 %v120, 255
  %v122 = or i32 %v121, 1258291200
  %v123 = bitcast i32 %v122 to float
  %v124 = fsub float %v123, 0x4160000FE0000000
  %v125 = fadd float %v124, 0x4160000FE0000000
  %v126 = bitcast float %v125 to i32
  %v127 = shl i32 %v126, 23
  %v128 = bitcast i32 %v127 to float
  %v129 = fmul float %v117, 0x3FB99999A0000000
  %v130 = fadd float %v106, %v129
  %v131 = call float @llvm.copysign.f32(float %v107, float %v117)
  %v132 = fneg float %v108
  %v133 = fcmp olt float %v117, 0x7FF0000000000000
  %v134 = fcmp olt float 0xFFF0000000000000, %v117
  %v135 = and i1 %v133, %v134
  %v136 = fcmp oeq float %v76, %v76
  %v137 = select i1 %v136, float %v76, float 0x7FF8000000000000
  %v138 = fmul float %v117, %v117
  %v139 = fmul float %v117, 0xBFE0000000000000
  %v140 = fcmp une float %v73, %v73
  %v141 = fcmp une float %v76, %v76
  %v142 = or i1 %v140, %v141
  %v143 = fcmp olt float 0x4010000000000000, %v128
  %v144 = and i1 %v114, %v135
  %v145 = and i1 %v114, %v142
  %v146 = select i1 %v145, i32 2, i32 0
  %v147 = or i32 %v111, %v146
  %v148 = and i1 %v114, %v143
  %v149 = select i1 %v148, i32 256, i32 0
  %v150 = or i32 %v147, %v149
  %v151 = fadd float %v109, %v138
  %v152 = fadd float %v110, %v139
  %v153 = select i1 %v144, float %v128, float 0x7FF8000000000000
  %v154 = fcmp uno float %v153, %v153
  %v155 = select i1 %v154, float 0x7FF8000000000000, float %v153
  %v156 = select i1 %v144, float %v137, float 0x7FF8000000000000
  %v157 = fcmp uno float %v156, %v156
  %v158 = select i1 %v157, float 0x7FF8000000000000, float %v156
  %v159 = select i1 true, i32 1, i32 0
  %v160 = or i32 %v150, %v159
  br i1 %v144, label %done1, label %merge1
merge1:
  %v161 = select i1 %v144, float %v130, float %v106
  %v162 = select i1 %v144, float %v131, float %v107
  %v163 = select i1 %v144, float %v132, float %v108
  %v164 = select i1 %v144, float %v151, float %v109
  %v165 = select i1 %v144, float %v152, float %v110
  %v166 = select i1 %v144, i32 1, i32 0
  %v167 = or i32 %v150, %v166
  br label %done1
done1:
  %v168 = phi float [ %v106, %done0 ], [ %v130, %run1 ], [ %v161, %merge1 ]
  %v169 = phi float [ %v107, %done0 ], [ %v131, %run1 ], [ %v162, %merge1 ]
  %v170 = phi float [ %v108, %done0 ], [ %v132, %run1 ], [ %v163, %merge1 ]
  %v171 = phi float [ %v109, %done0 ], [ %v151, %run1 ], [ %v164, %merge1 ]
  %v172 = phi float [ %v110, %done0 ], [ %v152, %run1 ], [ %v165, %merge1 ]
  %v173 = phi i32 [ %v111, %done0 ], [ %v160, %run1 ], [ %v167, %merge1 ]
  %v174 = phi float [ 0x7FF8000000000000, %done0 ], [ %v155, %run1 ], [ %v155, %merge1 ]
  %v175 = phi float [ 0x7FF8000000000000, %done0 ], [ %v158, %run1 ], [ %v158, %merge1 ]
  %v176 = fcmp ord float %v79, %v79
  br i1 %v176, label %run2, label %done2
run2:
  %v177 = fadd float 0x3FF0000000000000, %v170
  %v178 = fcmp olt float %v79, 0x4022000000000000
  %v179 = and i1 %v176, %v178
  %v180 = select i1 %v179, float %v79, float 0x7FF8000000000000
  %v181 = fcmp uno float %v180, %v180
  %v182 = select i1 %v181, float 0x7FF8000000000000, float %v180
  %v183 = select i1 %v179, float %v177, float 0x7FF8000000000000
  %v184 = fcmp uno float %v183, %v183
  %v185 = select i1 %v184, float 0x7FF8000000000000, float %v183
  br i1 %v179, label %done2, label %merge2
merge2:
  %v186 = select i1 %v179, float %v79, float %v168
  %v187 = select i1 %v179, float %v169, float %v169
  %v188 = select i1 %v179, float %v177, float %v170
  %v189 = select i1 %v179, float %v171, float %v171
  %v190 = select i1 %v179, float %v172, float %v172
  br label %done2
done2:
  %v191 = phi float [ %v168, %done1 ], [ %v79, %run2 ], [ %v186, %merge2 ]
  %v192 = phi float [ %v169, %done1 ], [ %v169, %run2 ], [ %v187, %merge2 ]
  %v193 = phi float [ %v170, %done1 ], [ %v177, %run2 ], [ %v188, %merge2 ]
  %v194 = phi float [ %v171, %done1 ], [ %v171, %run2 ], [ %v189, %merge2 ]
  %v195 = phi float [ %v172, %done1 ], [ %v172, %run2 ], [ %v190, %merge2 ]
  %v196 = phi float [ 0x7FF8000000000000, %done1 ], [ %v182, %run2 ], [ %v182, %merge2 ]
  %v197 = phi float [ 0x7FF8000000000000, %done1 ], [ %v185, %run2 ], [ %v185, %merge2 ]
  %v198 = and i32 %v173, 4865
  %v199 = icmp ne i32 %v198, 0
  %v200 = select i1 %v199, i32 0, i32 4
  %v201 = or i32 %v173, %v200
  %v202 = and i32 %v201, 1
  %v203 = icmp ne i32 %v202, 0
  %v204 = select i1 %v203, float %v194, float 0x7FF8000000000000
  %v205 = uitofp i32 %v201 to float
  %v206 = mul i64 %k, 13
  %v207 = add i64 %v206, 52
  %v208 = add i64 %v206, 0
  %v209 = getelementptr float, ptr %v58, i64 %v208
  store float %v191, ptr %v209
  %v210 = add i64 %v206, 1
  %v211 = getelementptr float, ptr %v58, i64 %v210
  store float %v192, ptr %v211
  %v212 = add i64 %v206, 2
  %v213 = getelementptr float, ptr %v58, i64 %v212
  store float %v193, ptr %v213
  %v214 = add i64 %v206, 3
  %v215 = getelementptr float, ptr %v58, i64 %v214
  store float %v174, ptr %v215
  %v216 = add i64 %v206, 4
  %v217 = getelementptr float, ptr %v58, i64 %v216
  store float %v196, ptr %v217
  %v218 = add i64 %v206, 5
  %v219 = getelementptr float, ptr %v58, i64 %v218
  store float %v175, ptr %v219
  %v220 = add i64 %v206, 6
  %v221 = getelementptr float, ptr %v58, i64 %v220
  store float %v106, ptr %v221
  %v222 = add i64 %v206, 7
  %v223 = getelementptr float, ptr %v58, i64 %v222
  store float %v107, ptr %v223
  %v224 = add i64 %v206, 8
  %v225 = getelementptr float, ptr %v58, i64 %v224
  store float %v108, ptr %v225
  %v226 = add i64 %v206, 9
  %v227 = getelementptr float, ptr %v58, i64 %v226
  store float %v204, ptr %v227
  %v228 = add i64 %v206, 10
  %v229 = getelementptr float, ptr %v58, i64 %v228
  store float %v195, ptr %v229
  %v230 = add i64 %v206, 11
  %v231 = getelementptr float, ptr %v58, i64 %v230
  store float %v205, ptr %v231
  %v232 = add i64 %v206, 12
  %v233 = getelementptr float, ptr %v58, i64 %v232
  store float %v197, ptr %v233
  %v234 = fadd float %total, %v195
  br label %row.done
row.done:
  %c0.next = phi float [ %v191, %done2 ]
  %c1.next = phi float [ %v192, %done2 ]
  %c2.next = phi float [ %v193, %done2 ]
  %total.next = phi float [ %v234, %done2 ]
  %seen.next = or i32 %seen, %v201
  %k.next = add i64 %k, 1
  %v235 = icmp slt i64 %k.next, %v4
  br i1 %v235, label %row, label %track.done
track.done:
  %v236 = phi float [ %v43, %track ], [ %c0.next, %row.done ]
  %v237 = phi float [ %v45, %track ], [ %c1.next, %row.done ]
  %v238 = phi float [ %v47, %track ], [ %c2.next, %row.done ]
  %v239 = phi float [ %v49, %track ], [ %total.next, %row.done ]
  %v240 = phi i32 [ %v52, %track ], [ %seen.next, %row.done ]
  %v241 = uitofp i32 %v240 to float
  %v242 = mul i64 %v39, 5
  %v243 = getelementptr float, ptr %v24, i64 %v242
  %v244 = getelementptr float, ptr %v243, i64 0
  store float %v236, ptr %v244
  %v245 = getelementptr float, ptr %v243, i64 1
  store float %v237, ptr %v245
  %v246 = getelementptr float, ptr %v243, i64 2
  store float %v238, ptr %v246
  %v247 = getelementptr float, ptr %v243, i64 3
  store float %v239, ptr %v247
  %v248 = getelementptr float, ptr %v243, i64 4
  store float %v241, ptr %v248
  br label %track.next
track.next:
  %block.next = add i64 %block, 1
  %v249 = icmp slt i64 %block.next, %v2
  br i1 %v249, label %track, label %end
end:
  ret void
}
attributes #0 = { nounwind "prefer-vector-width"="32" "min-legal-vector-width"="32" }
