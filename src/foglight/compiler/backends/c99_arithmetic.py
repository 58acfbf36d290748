"""Square roots, rounding and bits in C99 without a library: the same on every machine, to the bit."""

from collections.abc import Collection
from string import Template

from foglight.trace.primitives import EXPONENT_BIAS, MANTISSA_BITS

_OF_BITS = Template("""/* A number as its bits, and back. */
static inline ${name}_bits ${name}_to_bits(${name}_real x) {
    ${name}_bits bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline ${name}_real ${name}_of_bits(${name}_bits bits) {
    ${name}_real x;
    memcpy(&x, &bits, sizeof x);
    return x;
}
""")

# Each function, after those that it calls.
_FUNCTIONS = {
    "pow2": Template("""/* 2^k, for whole k. */
static inline ${name}_real ${name}_pow2(${name}_real k) {
    return ${name}_of_bits(${name}_to_bits(k + $magic) << $shift);
}
"""),
    "exponent": Template("""/* The exponent of x as it is stored, less the bias. */
static inline ${name}_real ${name}_exponent(${name}_real x) {
    const ${name}_bits kept = (${name}_to_bits(x) >> $shift) & ${stored}u;
    return ${name}_of_bits(kept | ${name}_to_bits($base)) - $magic;
}
"""),
    "abs": Template("""static inline ${name}_real ${name}_abs(${name}_real x) {
    return ${name}_of_bits(${name}_to_bits(x) & ~${name}_sign);
}
"""),
    "copysign": Template("""static inline ${name}_real ${name}_copysign(${name}_real x, ${name}_real sign) {
    return ${name}_of_bits((${name}_to_bits(x) & ~${name}_sign) | (${name}_to_bits(sign) & ${name}_sign));
}
"""),
    "rint": Template("""/* The nearest whole number, of two the even one: numbers from $base on are whole. */
static inline ${name}_real ${name}_rint(${name}_real x) {
    const ${name}_real base = ${name}_copysign($base, x);
    const ${name}_real sum = x + base;
    return ${name}_abs(x) < $base ? ${name}_copysign(sum - base, x) : x;
}
"""),
    "floor": Template("""static inline ${name}_real ${name}_floor(${name}_real x) {
    const ${name}_real near = ${name}_rint(x);
    return near > x ? near - 1 : near;
}
"""),
    "sqrt": Template("""/* The square root, rounded to nearest. ${upper}_SQRT may name a function that is as exact.
   It is one instruction where the processor has it and the compiler need not set errno (-fno-math-errno); else it is
   computed bit by bit. */
#if !defined(${upper}_SQRT) && defined(__NO_MATH_ERRNO__) && (defined(__x86_64__) || defined(__aarch64__) || \\
        defined(__s390x__) || defined(__wasm__) || (defined(__riscv_flen) && __riscv_flen >= $size) || \\
        (defined(__ARM_FP) && (__ARM_FP & $arm)))
#define ${upper}_SQRT(x) __builtin_sqrt$suffix(x)
#endif
static inline ${name}_real ${name}_sqrt(${name}_real x) {
#ifdef ${upper}_SQRT
    return ${upper}_SQRT(x);
#else
    ${name}_bits m = ${name}_to_bits(x), q = 0, rest = 0;
    int e = (int)(m >> $shift);
    if (x == 0 || x != x || x > $largest)
        return x;
    if (x < 0)
        return NAN;
    m &= ((${name}_bits)1 << $shift) - 1;
    if (e == 0)
        for (e = 1; !(m >> $shift); e--)
            m <<= 1;
    else
        m |= (${name}_bits)1 << $shift;
    e -= $bias + $shift; /* x = m 2^e */
    if ((e & 1) != $odd) {
        m <<= 1;
        e -= 1;
    }
    m <<= $odd;
    for (int k = $steps - 1; k >= 0; k--) { /* q = the whole part of the root of m with zeros behind it */
        rest = (rest << 2) | (k >= $behind ? (m >> 2 * (k - $behind)) & 3u : 0u);
        q <<= 1;
        if (rest >= 2 * q + 1) {
            rest -= 2 * q + 1;
            q |= 1;
        }
    }
    e = (e - $odd) / 2 - $behind + $bias + $shift; /* the root = (q + 1)/2 2^e, less the bias of e */
    return ${name}_of_bits(((${name}_bits)e << $shift) + ((q + 1) >> 1));
#endif
}
"""),
}
_CALLED = {"rint": ("abs", "copysign"), "floor": ("rint", "abs", "copysign")}
ARITHMETIC = frozenset(_FUNCTIONS)


def functions(used: Collection[str], name: str, dtype: str) -> str:
    """The C functions of these operations, and of those that they call."""
    needed = set(used) | {called for operation in used for called in _CALLED.get(operation, ())}
    if not needed:
        return ""
    single = dtype == "float32"
    shift, bias = MANTISSA_BITS[dtype], EXPONENT_BIAS[dtype]
    f = "f" if single else ""
    words = {
        "name": name, "upper": name.upper(), "shift": str(shift), "bias": str(bias), "stored": str(2 * bias + 1),
        "base": float(2.0**shift).hex() + f, "magic": float(2.0**shift + bias).hex() + f, "suffix": f,
        "largest": "0x1.fffffep+127f" if single else "0x1.fffffffffffffp+1023", "size": "32" if single else "64",
        "arm": "4" if single else "8", "odd": str(int(single)), "steps": str(shift + 2),
        "behind": str((shift + 2) // 2),
    }  # fmt: skip
    sign = f"static const {name}_bits {name}_sign = ({name}_bits)1 << {31 if single else 63};\n"
    signed = [sign] if needed & {"abs", "copysign"} else []
    found = [text.substitute(words) for operation, text in _FUNCTIONS.items() if operation in needed]
    return "\n".join([_OF_BITS.substitute(words), *signed, *found])
