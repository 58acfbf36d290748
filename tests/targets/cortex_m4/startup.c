/* The start of a Cortex-M4F on the board that QEMU calls mps2-an386: the stack, the FPU, and then newlib's start, which
   prints through semihosting. */
#include <stdint.h>

extern uint32_t top_of_stack;
extern void _start(void);

void reset(void) {
    volatile uint32_t *const cpacr = (volatile uint32_t *)0xE000ED88u;
    *cpacr |= 0xFu << 20; /* coprocessors 10 and 11: the FPU */
    __asm volatile("dsb\n isb");
    _start();
}

static void fault(void) {
    for (;;) {
    }
}

typedef void handler(void);
struct vectors {
    uint32_t *stack;
    handler *at[6];
};
__attribute__((section(".vectors"), used)) static const struct vectors vectors = {
    &top_of_stack, {reset, fault, fault, fault, fault, fault},
};
