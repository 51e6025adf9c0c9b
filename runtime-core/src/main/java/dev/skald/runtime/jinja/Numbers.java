package dev.skald.runtime.jinja;

import dev.skald.runtime.jinja.Expr.Operator;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;

/** Implements Python's arithmetic for integers (of limited length), floats and booleans. */
final class Numbers {
    private static final BigInteger MIN = BigInteger.valueOf(Long.MIN_VALUE);
    private static final BigInteger MAX = BigInteger.valueOf(Long.MAX_VALUE);
    private static final long EXACT_DOUBLE = 1L << 53;

    private Numbers() {}

    static boolean isNumber(Object value) {
        return value instanceof Long
                || value instanceof Double
                || value instanceof Boolean
                || value instanceof BigInteger;
    }

    static boolean isInteger(Object value) {
        return value instanceof Long || value instanceof Boolean || value instanceof BigInteger;
    }

    /** Returns an integer as a template value: a Long if it fits. */
    static Object integer(BigInteger number) {
        if (number.bitLength() > Limits.INTEGER_BITS) {
            throw TemplateError.limit("an integer has more than " + Limits.INTEGER_BITS + " bits");
        }
        return number.compareTo(MIN) >= 0 && number.compareTo(MAX) <= 0 ? (Object) number.longValue() : number;
    }

    /** Returns the value of an integer or a boolean. */
    static BigInteger big(Object integer) {
        return switch (integer) {
            case BigInteger number -> number;
            case Long number -> BigInteger.valueOf(number);
            default -> (Boolean) integer ? BigInteger.ONE : BigInteger.ZERO;
        };
    }

    /** Returns the nearest float. */
    static double toDouble(Object number) {
        return switch (number) {
            case Double value -> value;
            case Long value -> value;
            case Boolean value -> value ? 1 : 0;
            default -> finite(((BigInteger) number).doubleValue());
        };
    }

    /** Rounds a float towards 0 and returns it as an integer. */
    static Object truncate(double value) {
        if (!Double.isFinite(value)) {
            throw TemplateError.evaluation("the float " + Floats.repr(value) + " has no integer");
        }
        return Math.abs(value) < EXACT_DOUBLE ? (Object) (long) value : integer(new BigDecimal(value).toBigInteger());
    }

    static boolean equal(Object a, Object b) {
        return order(a, b) == 0;
    }

    /** Works as {@link Values#order}, and is exact between an integer and a float, too. */
    static int order(Object a, Object b) {
        if (a instanceof Long x && b instanceof Long y) {
            return Long.compare(x, y);
        }
        if (isInteger(a) && isInteger(b)) {
            return big(a).compareTo(big(b));
        }
        double x = a instanceof BigInteger ? Double.NaN : toDouble(a);
        double y = b instanceof BigInteger ? Double.NaN : toDouble(b);
        if (a instanceof Double && !Double.isFinite(x) || b instanceof Double && !Double.isFinite(y)) {
            return orderOfInfinite(a instanceof Double ? x : 0, b instanceof Double ? y : 0);
        }
        return exact(a).compareTo(exact(b));
    }

    private static int orderOfInfinite(double x, double y) {
        return x < y ? -1 : x > y ? 1 : x == y ? 0 : Values.UNORDERED;
    }

    private static BigDecimal exact(Object number) {
        return number instanceof Double value ? new BigDecimal(value) : new BigDecimal(big(number));
    }

    static Object negate(Object number) {
        return switch (number) {
            case Double value -> -value;
            case Long value when value != Long.MIN_VALUE -> -value;
            default -> integer(big(number).negate());
        };
    }

    static Object absolute(Object number) {
        return order(number, 0L) < 0 ? negate(number) : plus(number);
    }

    /** Returns the number itself, or the integer value of a boolean. */
    static Object plus(Object number) {
        return number instanceof Boolean ? integer(big(number)) : number;
    }

    static Object calculate(Operator operator, Object a, Object b) {
        if (operator == Operator.DIVIDE) {
            return divide(a, b);
        }
        if (a instanceof Double || b instanceof Double) {
            return calculate(operator, toDouble(a), toDouble(b));
        }
        if (a instanceof Long x && b instanceof Long y) {
            long result;
            switch (operator) {
                case ADD -> {
                    result = x + y;
                    if (((x ^ result) & (y ^ result)) >= 0) {
                        return result;
                    }
                }
                case SUBTRACT -> {
                    result = x - y;
                    if (((x ^ y) & (x ^ result)) >= 0) {
                        return result;
                    }
                }
                case REMAINDER -> {
                    if (y != 0) {
                        return Math.floorMod(x, y);
                    }
                }
                case FLOOR_DIVIDE -> {
                    if (y != 0 && y != -1) {
                        return Math.floorDiv(x, y);
                    }
                }
                default -> {}
            }
        }
        return calculate(operator, big(a), big(b));
    }

    private static Object calculate(Operator operator, BigInteger a, BigInteger b) {
        return switch (operator) {
            case ADD -> integer(a.add(b));
            case SUBTRACT -> integer(a.subtract(b));
            case MULTIPLY -> integer(a.multiply(b));
            case FLOOR_DIVIDE -> integer(floorDivide(a, b)[0]);
            case REMAINDER -> integer(floorDivide(a, b)[1]);
            case POWER -> power(a, b);
            case DIVIDE -> throw new AssertionError();
        };
    }

    private static BigInteger[] floorDivide(BigInteger a, BigInteger b) {
        checkDivisor(b.signum() != 0);
        BigInteger[] result = a.divideAndRemainder(b);
        if (result[1].signum() != 0 && result[1].signum() != b.signum()) {
            return new BigInteger[] {result[0].subtract(BigInteger.ONE), result[1].add(b)};
        }
        return result;
    }

    private static Object power(BigInteger base, BigInteger exponent) {
        if (exponent.signum() < 0) {
            checkDivisor(base.signum() != 0);
            return calculate(Operator.POWER, base.doubleValue(), exponent.doubleValue());
        }
        if (base.bitLength() < 2 && base.signum() >= 0) {
            return integer(exponent.signum() == 0 ? BigInteger.ONE : base);
        }
        if (exponent.bitLength() > 30 || (base.bitLength() - 1L) * exponent.intValue() > Limits.INTEGER_BITS) {
            if (!base.equals(BigInteger.ONE.negate())) {
                throw TemplateError.limit("an integer has more than " + Limits.INTEGER_BITS + " bits");
            }
            return exponent.testBit(0) ? -1L : 1L;
        }
        return integer(base.pow(exponent.intValue()));
    }

    private static Object divide(Object a, Object b) {
        double divisor = toDouble(b);
        checkDivisor(divisor != 0);
        if (a instanceof Double || b instanceof Double || isExact(a) && isExact(b)) {
            return toDouble(a) / divisor;
        }
        return finite(new BigDecimal(big(a))
                .divide(new BigDecimal(big(b)), MathContext.DECIMAL128)
                .doubleValue());
    }

    private static boolean isExact(Object integer) {
        return integer instanceof Boolean || integer instanceof Long number && Math.abs(number) <= EXACT_DOUBLE;
    }

    private static Object calculate(Operator operator, double a, double b) {
        return switch (operator) {
            case ADD -> a + b;
            case SUBTRACT -> a - b;
            case MULTIPLY -> a * b;
            case DIVIDE -> throw new AssertionError();
            case FLOOR_DIVIDE -> {
                checkDivisor(b != 0);
                double quotient = (a - remainder(a, b)) / b;
                double floor = Math.floor(quotient);
                yield quotient == 0 ? Math.copySign(0, a / b) : quotient - floor > 0.5 ? floor + 1 : floor;
            }
            case REMAINDER -> {
                checkDivisor(b != 0);
                yield remainder(a, b);
            }
            case POWER -> {
                checkDivisor(a != 0 || b >= 0);
                if (a < 0 && Double.isFinite(a) && Double.isFinite(b) && b != Math.rint(b)) {
                    throw TemplateError.evaluation("a power of a negative number is not a real number");
                }
                // In Python, 1 ** anything and (-1) ** infinity are 1.
                double power = a == 1 || a == -1 && Double.isInfinite(b) ? 1 : Math.pow(a, b);
                yield Double.isFinite(a) && Double.isFinite(b) ? finite(power) : power;
            }
        };
    }

    /** Returns the remainder with the sign of the divisor. */
    private static double remainder(double a, double b) {
        double remainder = a % b;
        if (remainder == 0) {
            return Math.copySign(0, b);
        }
        return remainder < 0 == b < 0 ? remainder : remainder + b;
    }

    private static void checkDivisor(boolean fine) {
        if (!fine) {
            throw TemplateError.evaluation("division by zero");
        }
    }

    private static double finite(double value) {
        if (Double.isInfinite(value)) {
            throw TemplateError.evaluation("a number is too large for a float");
        }
        return value;
    }
}
