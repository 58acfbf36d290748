/* What exported C needs of a C library, for WebAssembly without one. */
#ifndef MATH_H
#define MATH_H
#define NAN __builtin_nanf("")
#define INFINITY __builtin_inff()
#endif
