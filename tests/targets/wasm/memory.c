#include "string.h"

void *memcpy(void *to, const void *from, size_t count) {
    for (size_t k = 0; k < count; k++)
        ((unsigned char *)to)[k] = ((const unsigned char *)from)[k];
    return to;
}

int memcmp(const void *a, const void *b, size_t count) {
    for (size_t k = 0; k < count; k++)
        if (((const unsigned char *)a)[k] != ((const unsigned char *)b)[k])
            return 1;
    return 0;
}
