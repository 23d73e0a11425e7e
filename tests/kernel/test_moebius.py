"""Laws of composition and inverse, in exact integers."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from arbx.kernel import Moebius, moebius

naturals = st.integers(1, 2**120)
piece = st.builds(
    Moebius, naturals, naturals, st.integers(0, 2**60), st.integers(0, 2**100),
    st.integers(0, 2**100), st.just(1 << 100),
)  # fmt: skip


def real(matrix, x):
    return Fraction(int(matrix.a * x + matrix.b), int(matrix.c * x + matrix.d))


@given(piece, st.integers(0, 2**100))
def test_a_piece_is_its_own_formula(p, w):
    matrix = moebius.of_piece(p)
    value = p.out_lo_x64 + Fraction(p.a * w << 64, (p.b << 64) + p.c * w)

    assert real(matrix, p.lo_x64 + w) == value
    assert matrix.a * matrix.d - matrix.b * matrix.c == matrix.det


@given(piece, piece, st.integers(0, 2**100))
def test_composition_is_one_after_the_other(p, q, w):
    inner, outer = moebius.of_piece(p), moebius.of_piece(q._replace(lo_x64=0))
    both = moebius.after(outer, inner)
    x = p.lo_x64 + w
    middle = real(inner, x)

    assert real(both, x) == (outer.a * middle + outer.b) / (outer.c * middle + outer.d)
    assert both.det == inner.det * outer.det


@given(piece, piece, piece, st.integers(0, 2**100))
def test_composition_is_associative(p, q, r, x):
    one, two, three = (moebius.of_piece(m) for m in (p, q, r))

    assert moebius.after(three, moebius.after(two, one)) == moebius.after(
        moebius.after(three, two), one
    )


@given(piece, st.integers(0, 2**100))
def test_the_inverse_finds_the_input_again(p, w):
    matrix = moebius.of_piece(p)
    x = p.lo_x64 + w
    found = moebius.inverse(matrix, moebius.apply(matrix, x))

    assert found <= x
    assert moebius.apply(matrix, found + 1) >= moebius.apply(matrix, x) or matrix.c == 0


@given(piece, st.integers(0, 2**100))
def test_the_slope_at_an_output_is_the_derivative(p, w):
    matrix = moebius.of_piece(p)
    y = moebius.apply(matrix, p.lo_x64 + w)
    num, den = moebius.slope_at_output(matrix, y)
    exact = Fraction(int(matrix.det), int(matrix.c * (p.lo_x64 + w) + matrix.d) ** 2)

    assert Fraction(int(num), int(den)) >= exact or num == 0  # y is rounded down, the slope falls


@given(piece)
def test_the_stationary_point_has_slope_one(p):
    matrix = moebius.of_piece(p)
    x = moebius.stationary(matrix)
    if matrix.c == 0:
        assert x is None
        return

    assert (matrix.c * x + matrix.d) ** 2 <= matrix.det
    assert (matrix.c * (x + 1) + matrix.d) ** 2 >= matrix.det
