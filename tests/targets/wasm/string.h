/* What exported C needs of a C library, for WebAssembly without one. */
#ifndef STRING_H
#define STRING_H
typedef __SIZE_TYPE__ size_t;
void *memcpy(void *to, const void *from, size_t count);
int memcmp(const void *a, const void *b, size_t count);
#endif
