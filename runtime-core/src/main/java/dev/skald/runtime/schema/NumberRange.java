package dev.skald.runtime.schema;

import dev.skald.runtime.automaton.Dfa;
import dev.skald.runtime.automaton.DfaMachine;
import dev.skald.runtime.automaton.Expr;
import dev.skald.runtime.error.GrammarException;
import dev.skald.runtime.error.GrammarException.Reason;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * The numbers that are allowed at a place, and how they are written.
 *
 * <p>Numbers with bounds are written without an exponent, unless the bound is 0. A whole number may have a fraction of
 * zeros, as in JSON Schema.
 */
record NumberRange(
        Bound least,
        Bound most,
        boolean whole,
        boolean notWhole,
        List<BigDecimal> factors,
        List<BigDecimal> notFactors,
        List<BigDecimal> excluded) {
    /** Allows any number. */
    static final NumberRange ALL = new NumberRange(null, null, false, false, List.of(), List.of(), List.of());

    private static final int MAX_REMAINDERS = 20_000;
    private static final int MAX_DIGITS = 100;
    /** The usual integers of programs have this many digits, which is more than a double can distinguish. */
    private static final int USUAL_DIGITS = 18;

    /**
     * A bound of the range.
     *
     * @param open whether the number itself is excluded
     */
    record Bound(BigDecimal value, boolean open) {}

    private static final Expr DIGIT = Expr.chars('0', '9');
    private static final Expr DIGITS = many(DIGIT, 1);
    private static final Expr ZEROS = many(Expr.chars('0', '0'), 1);
    private static final Expr INTEGER = Expr.choice(text("0"), Expr.sequence(Expr.chars('1', '9'), many(DIGIT, 0)));
    private static final Expr FRACTION = Expr.optional(Expr.sequence(text("."), DIGITS));
    private static final Expr ZERO_FRACTION = Expr.optional(Expr.sequence(text("."), ZEROS));
    private static final Expr MINUS = Expr.optional(text("-"));
    private static final Expr E = Expr.chars('e', 'e', 'E', 'E');
    private static final Expr SIGN = Expr.optional(Expr.chars('+', '+', '-', '-'));
    /** Three digits exceed the range of doubles. With more digits, some programs would write the number in full. */
    private static final Expr POWER = new Expr.Repeat(DIGIT, 1, 3);

    private static final Expr EXPONENT = Expr.optional(Expr.sequence(E, SIGN, POWER));
    /** More zeros add nothing, and would have no end. */
    private static final Expr ONE_ZERO = Expr.optional(text(".0"));

    /** Whole numbers stay within the range of doubles: 1E400 is infinite in them, and no whole number to some validators. */
    private static final Expr WHOLE_WITH_EXPONENT = Expr.sequence(
            Expr.choice(text("0"), Expr.sequence(Expr.chars('1', '9'), new Expr.Repeat(DIGIT, 0, USUAL_DIGITS - 1))),
            ONE_ZERO,
            E,
            Expr.optional(text("+")),
            new Expr.Repeat(DIGIT, 1, 2));

    NumberRange atLeast(BigDecimal value, boolean open) {
        boolean tighter =
                least == null || value.compareTo(least.value()) > 0 || value.compareTo(least.value()) == 0 && open;
        return tighter
                ? new NumberRange(new Bound(value, open), most, whole, notWhole, factors, notFactors, excluded)
                : this;
    }

    NumberRange atMost(BigDecimal value, boolean open) {
        boolean tighter =
                most == null || value.compareTo(most.value()) < 0 || value.compareTo(most.value()) == 0 && open;
        return tighter
                ? new NumberRange(least, new Bound(value, open), whole, notWhole, factors, notFactors, excluded)
                : this;
    }

    NumberRange whole(boolean yes) {
        return new NumberRange(least, most, whole | yes, notWhole | !yes, factors, notFactors, excluded);
    }

    NumberRange multipleOf(BigDecimal factor, boolean not) {
        return new NumberRange(
                least,
                most,
                whole,
                notWhole,
                not ? factors : with(factors, factor),
                not ? with(notFactors, factor) : notFactors,
                excluded);
    }

    NumberRange without(BigDecimal value) {
        return new NumberRange(least, most, whole, notWhole, factors, notFactors, with(excluded, value));
    }

    private static List<BigDecimal> with(List<BigDecimal> list, BigDecimal value) {
        List<BigDecimal> more = new ArrayList<>(list);
        more.add(value);
        return List.copyOf(more);
    }

    /** Returns whether no number is allowed. */
    boolean isEmpty() {
        if (whole && notWhole) {
            return true;
        }
        if (least == null || most == null) {
            return false;
        }
        int order = least.value().compareTo(most.value());
        return order > 0 || order == 0 && (least.open() || most.open());
    }

    boolean contains(BigDecimal value) {
        boolean isWhole = value.stripTrailingZeros().scale() <= 0;
        return (!whole || isWhole)
                && !(notWhole && isWhole)
                && (least == null || value.compareTo(least.value()) >= (least.open() ? 1 : 0))
                && (most == null || value.compareTo(most.value()) <= (most.open() ? -1 : 0))
                && factors.stream().allMatch(factor -> isMultiple(value, factor))
                && notFactors.stream().noneMatch(factor -> isMultiple(value, factor))
                && excluded.stream().noneMatch(other -> other.compareTo(value) == 0);
    }

    private static boolean isMultiple(BigDecimal value, BigDecimal factor) {
        // Exclude numbers such as 1e1000000000, which would have as many digits.
        return Math.abs((long) value.scale()) < 1000 && value.remainder(factor).signum() == 0;
    }

    /**
     * Returns an expression for these numbers.
     *
     * @param compact whether to allow only the usual form: no point in whole numbers, no exponent, and a limited number
     *     of digits
     */
    Expr expr(boolean compact) {
        boolean plain = factors.isEmpty() && notFactors.isEmpty() && excluded.isEmpty() && !notWhole;
        if (plain && least == null && most == null) {
            if (compact) {
                return usual();
            }
            return whole
                    ? Expr.sequence(MINUS, Expr.choice(Expr.sequence(INTEGER, ONE_ZERO), WHOLE_WITH_EXPONENT))
                    : Expr.sequence(MINUS, INTEGER, FRACTION, EXPONENT);
        }
        Dfa numbers = Dfa.of(compact ? usual() : Expr.sequence(MINUS, INTEGER, whole ? ONE_ZERO : FRACTION));
        if (compact) {
            numbers = numbers.and(Dfa.of(new Expr.Text("-0")).not());
        }
        if (notWhole) {
            numbers = numbers.and(
                    Dfa.of(Expr.sequence(MINUS, INTEGER, ZERO_FRACTION)).not());
        }
        if (least != null) {
            numbers = numbers.and(Dfa.of(from(least)));
        }
        if (most != null) {
            numbers = numbers.and(Dfa.of(to(most)));
        }
        for (BigDecimal factor : factors) {
            numbers = numbers.and(multiples(factor));
        }
        for (BigDecimal factor : notFactors) {
            numbers = numbers.and(multiples(factor).not());
        }
        for (BigDecimal value : excluded) {
            numbers = numbers.and(Dfa.of(equal(value)).not());
        }
        Expr bounded = new Expr.Later(new DfaMachine(numbers));
        return plain && !whole && !compact ? Expr.choice(bounded, withExponent()) : bounded;
    }

    private Expr usual() {
        int before = USUAL_DIGITS;
        int behind = USUAL_DIGITS;
        for (Bound bound : new Bound[] {least, most}) {
            if (bound != null) {
                before = Math.max(
                        before, bound.value().precision() - bound.value().scale() + 1);
                behind = Math.max(behind, bound.value().scale() + 1);
            }
        }
        Expr integer = Expr.choice(
                text("0"),
                Expr.sequence(Expr.chars('1', '9'), new Expr.Repeat(DIGIT, 0, Math.min(before, MAX_DIGITS) - 1)));
        Expr fraction = Expr.sequence(text("."), new Expr.Repeat(DIGIT, 1, Math.min(behind, MAX_DIGITS)));
        return Expr.sequence(MINUS, integer, whole ? Expr.EMPTY : Expr.optional(fraction));
    }

    /**
     * Returns numbers with an exponent. If a bound is 0, the sign and the digits show whether a number is within it.
     */
    private Expr withExponent() {
        Expr exponent = Expr.sequence(E, SIGN, POWER);
        Expr notZero = Expr.sequence(new Expr.Later(new DfaMachine(Dfa.of(unsigned(">", BigDecimal.ZERO)))), exponent);
        if (most == null && least.value().signum() == 0) {
            return notZero;
        }
        return least == null && most.value().signum() == 0 ? Expr.sequence(text("-"), notZero) : Expr.NOTHING;
    }

    private static Expr from(Bound bound) {
        BigDecimal size = bound.value().abs();
        if (bound.value().signum() > 0 || bound.value().signum() == 0 && bound.open()) {
            return unsigned(bound.open() ? ">" : ">=", size);
        }
        return Expr.choice(
                Expr.sequence(INTEGER, FRACTION), Expr.sequence(text("-"), unsigned(bound.open() ? "<" : "<=", size)));
    }

    private static Expr to(Bound bound) {
        BigDecimal size = bound.value().abs();
        if (bound.value().signum() < 0 || bound.value().signum() == 0 && bound.open()) {
            return Expr.sequence(text("-"), unsigned(bound.open() ? ">" : ">=", size));
        }
        return Expr.choice(Expr.sequence(text("-"), INTEGER, FRACTION), unsigned(bound.open() ? "<" : "<=", size));
    }

    /** Returns all ways to write a number without an exponent. */
    static Expr equal(BigDecimal value) {
        Expr size = unsigned("=", value.abs());
        return value.signum() < 0
                ? Expr.sequence(text("-"), size)
                : value.signum() == 0 ? Expr.sequence(MINUS, size) : size;
    }

    /** Returns unsigned numbers that are in a relation to a nonnegative bound. */
    private static Expr unsigned(String relation, BigDecimal bound) {
        BigDecimal bare = bound.stripTrailingZeros();
        if (Math.abs((long) bare.scale()) > MAX_DIGITS || bare.precision() > MAX_DIGITS) {
            throw new GrammarException(
                    Reason.TOO_LARGE, "the bound " + bare + " has more than " + MAX_DIGITS + " digits");
        }
        String plain = bare.signum() == 0 ? "0" : bare.toPlainString();
        int point = plain.indexOf('.');
        String integer = point < 0 ? plain : plain.substring(0, point);
        String fraction = point < 0 ? "" : plain.substring(point + 1);
        List<Expr> alternatives = new ArrayList<>();
        if (relation.contains("=")) {
            alternatives.add(Expr.sequence(text(integer), equalFraction(fraction)));
        }
        if (relation.startsWith(">")) {
            alternatives.add(Expr.sequence(greaterInteger(integer), FRACTION));
            alternatives.add(Expr.sequence(text(integer), text("."), greaterFraction(fraction)));
        }
        if (relation.startsWith("<")) {
            alternatives.add(Expr.sequence(lessInteger(integer), FRACTION));
            alternatives.add(Expr.sequence(text(integer), lessFraction(fraction)));
        }
        return new Expr.Choice(alternatives);
    }

    private static Expr equalFraction(String fraction) {
        return fraction.isEmpty()
                ? ZERO_FRACTION
                : Expr.sequence(text("."), text(fraction), many(Expr.chars('0', '0'), 0));
    }

    private static Expr greaterInteger(String integer) {
        List<Expr> alternatives = new ArrayList<>();
        int length = integer.equals("0") ? 0 : integer.length();
        alternatives.add(Expr.sequence(Expr.chars('1', '9'), many(DIGIT, length)));
        for (int i = 0; i < length; i++) {
            alternatives.add(Expr.sequence(
                    text(integer.substring(0, i)), Expr.chars(integer.charAt(i) + 1, '9'), exactly(length - i - 1)));
        }
        return new Expr.Choice(alternatives);
    }

    private static Expr lessInteger(String integer) {
        List<Expr> alternatives = new ArrayList<>();
        int length = integer.length();
        if (length > 1) {
            alternatives.add(text("0"));
            alternatives.add(Expr.sequence(Expr.chars('1', '9'), new Expr.Repeat(DIGIT, 0, length - 2)));
        }
        for (int i = 0; i < length; i++) {
            char first = i == 0 && length > 1 ? '1' : '0';
            alternatives.add(Expr.sequence(
                    text(integer.substring(0, i)), Expr.chars(first, integer.charAt(i) - 1), exactly(length - i - 1)));
        }
        return new Expr.Choice(alternatives);
    }

    /** Returns the digits of a greater fraction, after the point. */
    private static Expr greaterFraction(String fraction) {
        List<Expr> alternatives = new ArrayList<>();
        for (int i = 0; i < fraction.length(); i++) {
            alternatives.add(Expr.sequence(
                    text(fraction.substring(0, i)), Expr.chars(fraction.charAt(i) + 1, '9'), many(DIGIT, 0)));
        }
        alternatives.add(Expr.sequence(text(fraction), many(DIGIT, 0), Expr.chars('1', '9'), many(DIGIT, 0)));
        return new Expr.Choice(alternatives);
    }

    /** Returns a smaller fraction with its point, or no fraction. */
    private static Expr lessFraction(String fraction) {
        if (fraction.isEmpty()) {
            return Expr.NOTHING;
        }
        List<Expr> alternatives = new ArrayList<>();
        alternatives.add(Expr.EMPTY);
        for (int i = 0; i < fraction.length(); i++) {
            String before = fraction.substring(0, i);
            alternatives.add(
                    Expr.sequence(text("."), text(before), Expr.chars('0', fraction.charAt(i) - 1), many(DIGIT, 0)));
            if (i > 0) {
                alternatives.add(Expr.sequence(text("."), text(before)));
            }
        }
        return new Expr.Choice(alternatives);
    }

    /** Returns the multiples of a factor, without an exponent. The state is the remainder of the digits so far. */
    private static Dfa multiples(BigDecimal factor) {
        BigDecimal bare = factor.stripTrailingZeros();
        int decimals = Math.max(0, bare.scale());
        BigInteger size = Math.abs((long) bare.scale()) > 20
                ? BigInteger.valueOf(MAX_REMAINDERS + 1)
                : bare.movePointRight(decimals).toBigIntegerExact();
        if (size.compareTo(BigInteger.valueOf(MAX_REMAINDERS)) > 0) {
            throw new GrammarException(
                    Reason.UNSUPPORTED,
                    "multipleOf " + factor + " is not supported: without its point it may be " + MAX_REMAINDERS
                            + " at most");
        }
        int modulus = size.intValue();
        record At(int remainder, int decimals) {}
        TreeSet<Integer> borders = new TreeSet<>(List.of((int) '-', (int) '.', (int) '/'));
        for (int digit = '0'; digit <= '9' + 1; digit++) {
            borders.add(digit);
        }
        // The number of decimals: -2 before the first digit, -1 before the point, then the count.
        return Dfa.of(borders, new At(0, -2), new Dfa.Walk<At>() {
            @Override
            public At next(At from, int c) {
                if (c == '-') {
                    return from.decimals() == -2 ? from : null;
                }
                if (c == '.') {
                    return from.decimals() == -1 ? new At(from.remainder(), 0) : null;
                }
                if (c < '0' || c > '9') {
                    return null;
                }
                if (from.decimals() == decimals) {
                    return c == '0' ? from : null;
                }
                int after = from.decimals() == -2 ? -1 : from.decimals() < 0 ? -1 : from.decimals() + 1;
                return new At((from.remainder() * 10 + c - '0') % modulus, after);
            }

            @Override
            public boolean accepts(At at) {
                int remainder = at.remainder();
                for (int i = Math.max(0, at.decimals()); i < decimals; i++) {
                    remainder = remainder * 10 % modulus;
                }
                return at.decimals() != -2 && remainder == 0;
            }
        });
    }

    private static Expr text(String text) {
        return text.isEmpty() ? Expr.EMPTY : new Expr.Text(text);
    }

    private static Expr many(Expr body, int min) {
        return new Expr.Repeat(body, min, Expr.Repeat.UNLIMITED);
    }

    private static Expr exactly(int count) {
        return new Expr.Repeat(DIGIT, count, count);
    }
}
