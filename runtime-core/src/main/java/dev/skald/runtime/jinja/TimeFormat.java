package dev.skald.runtime.jinja;

import java.time.ZonedDateTime;
import java.time.format.TextStyle;
import java.time.temporal.ChronoField;
import java.time.temporal.IsoFields;
import java.util.Locale;

/** Formats the time like C's strftime, always in English, because templates expect that. */
final class TimeFormat {
    private TimeFormat() {}

    static String format(String format, Interpreter in) {
        ZonedDateTime now = ZonedDateTime.now(in.clock());
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < format.length(); i++) {
            in.budget().text(30);
            char c = format.charAt(i);
            if (c != '%' || i + 1 == format.length()) {
                out.append(c);
                continue;
            }
            c = format.charAt(++i);
            boolean bare = c == '-' && i + 1 < format.length();
            String field = field(bare ? format.charAt(++i) : c, now);
            out.append(bare ? field.replaceFirst("^[0 ]+(?=.)", "") : field);
        }
        return out.toString();
    }

    private static String field(char field, ZonedDateTime now) {
        return switch (field) {
            case 'Y' -> String.valueOf(now.getYear());
            case 'C' -> digits(now.getYear() / 100, 2, '0');
            case 'y' -> digits(now.getYear() % 100, 2, '0');
            case 'm' -> digits(now.getMonthValue(), 2, '0');
            case 'd' -> digits(now.getDayOfMonth(), 2, '0');
            case 'e' -> digits(now.getDayOfMonth(), 2, ' ');
            case 'B' -> now.getMonth().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
            case 'b', 'h' ->
                now.getMonth().getDisplayName(TextStyle.SHORT, Locale.ENGLISH).substring(0, 3);
            case 'A' -> now.getDayOfWeek().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
            case 'a' -> now.getDayOfWeek().getDisplayName(TextStyle.SHORT, Locale.ENGLISH);
            case 'j' -> digits(now.getDayOfYear(), 3, '0');
            case 'u' -> String.valueOf(now.getDayOfWeek().getValue());
            case 'w' -> String.valueOf(now.getDayOfWeek().getValue() % 7);
            case 'U' -> digits((now.getDayOfYear() + 6 - now.getDayOfWeek().getValue() % 7) / 7, 2, '0');
            case 'W' -> digits((now.getDayOfYear() + 7 - now.getDayOfWeek().getValue()) / 7, 2, '0');
            case 'V' -> digits(now.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR), 2, '0');
            case 'G' -> String.valueOf(now.get(IsoFields.WEEK_BASED_YEAR));
            case 'H' -> digits(now.getHour(), 2, '0');
            case 'k' -> digits(now.getHour(), 2, ' ');
            case 'I' -> digits(now.get(ChronoField.CLOCK_HOUR_OF_AMPM), 2, '0');
            case 'l' -> digits(now.get(ChronoField.CLOCK_HOUR_OF_AMPM), 2, ' ');
            case 'M' -> digits(now.getMinute(), 2, '0');
            case 'S' -> digits(now.getSecond(), 2, '0');
            case 'f' -> digits(now.get(ChronoField.MICRO_OF_SECOND), 6, '0');
            case 'p' -> now.getHour() < 12 ? "AM" : "PM";
            case 's' -> String.valueOf(now.toEpochSecond());
            case 'D', 'x' -> fields("m/d/y", now);
            case 'F' -> fields("Y-m-d", now);
            case 'R' -> fields("H:M", now);
            case 'T', 'X' -> fields("H:M:S", now);
            case 'r' -> fields("I:M:S p", now);
            case 'c' -> fields("a b e H:M:S Y", now);
            // The clock of Hugging Face has no time zone.
            case 'Z', 'z' -> "";
            case 'n' -> "\n";
            case 't' -> "\t";
            case '%' -> "%";
            default -> "%" + field;
        };
    }

    private static String fields(String fields, ZonedDateTime now) {
        StringBuilder out = new StringBuilder();
        fields.chars().forEach(c -> out.append(Character.isLetter(c) ? field((char) c, now) : (char) c));
        return out.toString();
    }

    private static String digits(int value, int width, char filler) {
        String digits = String.valueOf(value);
        return String.valueOf(filler).repeat(Math.max(0, width - digits.length())) + digits;
    }
}
