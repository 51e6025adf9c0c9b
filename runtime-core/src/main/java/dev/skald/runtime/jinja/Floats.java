package dev.skald.runtime.jinja;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/** Formats floats as Python does. */
final class Floats {
    private Floats() {}

    /**
     * Returns the shortest text that reads back as this float: {@code 1.0}, {@code 1e+16}, {@code 1e-05}, {@code inf}.
     */
    static String repr(double value) {
        if (!Double.isFinite(value)) {
            return special(value);
        }
        if (value == 0) {
            return 1 / value < 0 ? "-0.0" : "0.0";
        }
        BigDecimal shortest = new BigDecimal(Double.toString(value)).stripTrailingZeros();
        int exponent = exponent(shortest);
        if (exponent < -4 || exponent >= 16) {
            return scientific(shortest, exponent, shortest.precision() - 1, false);
        }
        String plain = shortest.toPlainString();
        return plain.indexOf('.') < 0 ? plain + ".0" : plain;
    }

    /** Formats without an exponent, with this many digits after the point. */
    static String fixed(double value, int digits) {
        if (!Double.isFinite(value)) {
            return special(value);
        }
        String text =
                new BigDecimal(value).setScale(digits, RoundingMode.HALF_EVEN).toPlainString();
        return isNegative(value) && !text.startsWith("-") ? "-" + text : text;
    }

    /** Formats with an exponent, with this many digits after the point. */
    static String scientific(double value, int digits) {
        if (!Double.isFinite(value)) {
            return special(value);
        }
        BigDecimal rounded = new BigDecimal(value).round(new MathContext(digits + 1, RoundingMode.HALF_EVEN));
        return scientific(rounded, value == 0 ? 0 : exponent(rounded), digits, isNegative(value) && value == 0);
    }

    /**
     * Formats with this many significant digits, in the shorter of the two forms.
     *
     * @param keepZeros whether trailing zeros are kept
     */
    static String general(double value, int digits, boolean keepZeros) {
        if (!Double.isFinite(value)) {
            return special(value);
        }
        int precision = Math.max(digits, 1);
        BigDecimal rounded = new BigDecimal(value).round(new MathContext(precision, RoundingMode.HALF_EVEN));
        int exponent = value == 0 ? 0 : exponent(rounded);
        boolean large = exponent < -4 || exponent >= precision;
        String text = large ? scientific(value, precision - 1) : fixed(value, precision - 1 - exponent);
        if (keepZeros || text.indexOf('.') < 0) {
            return text;
        }
        int mantissaEnd = large ? text.indexOf('e') : text.length();
        int end = mantissaEnd;
        while (text.charAt(end - 1) == '0') {
            end--;
        }
        end -= text.charAt(end - 1) == '.' ? 1 : 0;
        return text.substring(0, end) + text.substring(mantissaEnd);
    }

    private static int exponent(BigDecimal value) {
        return value.precision() - value.scale() - 1;
    }

    private static boolean isNegative(double value) {
        return value < 0 || 1 / value < 0;
    }

    private static String special(double value) {
        return Double.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
    }

    private static String scientific(BigDecimal value, int exponent, int digits, boolean negativeZero) {
        StringBuilder text = new StringBuilder();
        text.append(value.signum() < 0 || negativeZero ? "-" : "");
        String all = value.unscaledValue().abs().toString();
        text.append(all.charAt(0)).append(digits > 0 ? "." : "");
        for (int i = 1; i <= digits; i++) {
            text.append(i < all.length() ? all.charAt(i) : '0');
        }
        text.append('e').append(exponent < 0 ? '-' : '+');
        return text.append(Math.abs(exponent) < 10 ? "0" : "")
                .append(Math.abs(exponent))
                .toString();
    }
}
