"""Which modules have which mutants, and which of them have a bar: the share of mutants that tests must kill."""

BARS = {
    "equations": 0.95,
    "model/belief": 0.95,
    "inference/fuse": 0.95,
    "model/model": 0.95,
    "trace": 0.90,
    "compiler/backends": 0.90,
}
# What is in an area that has more than the folder or module of its name.
PARTS: dict[str, tuple[str, ...]] = {
    "equations": ("equations", "model/covariance", "model/double_double", "model/special_functions"),
    "model/model": ("model/model", "model/model_parts"),
}
# It calls the compiled code, and no string in it becomes code.
NO_BAR = {"compiler/backends/llvm_engine.py"}
# They compute with float64 arrays alone, so a float32 among them is an error.
FLOATS = {
    "inference/fuse.py", "inference/steady_state.py", "model/belief.py", "model/covariance.py", "model/motion.py",
    "model/noise.py", "model/turning_motion.py",
}  # fmt: skip


def area(module: str) -> str:
    """equations for equations/ud.py and for model/covariance.py; the room of a module that has no bar."""
    named = (name for name in BARS if is_in(module, name))
    return next(named, f"{module.split('/')[0].removesuffix('.py')}, without a bar")


def is_in(module: str, name: str) -> bool:
    """Whether a module is in an area, in a folder, or is itself what the name says."""
    if name in BARS and module in NO_BAR:
        return False
    path = module.removesuffix(".py")
    parts = PARTS.get(name, (name.removesuffix(".py"),))
    return any(path == part or path.startswith(f"{part}/") for part in parts)


def has_templates(module: str) -> bool:
    """Whether the strings of a module become programs."""
    return is_in(module, "compiler/backends")
