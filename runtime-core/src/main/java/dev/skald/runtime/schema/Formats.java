package dev.skald.runtime.schema;

import dev.skald.runtime.automaton.Dfa;
import dev.skald.runtime.automaton.RegexParser;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The formats of JSON Schema (2020-12, section 7.3) as patterns. For a format with a large grammar, such as URIs, the
 * pattern covers a part of it: every text that matches the pattern has the format.
 */
final class Formats {
    private static final String FULL_MONTHS =
            "(0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)";
    private static final String DATE = "([0-9]{4}-(" + FULL_MONTHS + "|02-(0[1-9]|1[0-9]|2[0-8]))"
            // 29 February exists in years that are divisible by four; of those at the turn of a century, in one of
            // four.
            + "|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)";
    /**
     * The limits of java.time: no leap second, at most nine digits of a second, and offsets below 18 hours. ISO 8601
     * forbids -00:00.
     */
    private static final String TIME =
            "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,9})?(Z|\\+(0[0-9]|1[0-7]):[0-5][0-9]|-(00:(0[1-9]|[1-5][0-9])|(0[1-9]|1[0-7]):[0-5][0-9]))";

    private static final String LABEL = "[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?";
    private static final String HOST = LABEL + "(\\." + LABEL + ")*";
    private static final String BYTE = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
    private static final String IPV4 = BYTE + "(\\." + BYTE + "){3}";
    private static final String HEX4 = "[0-9a-fA-F]{1,4}";
    private static final String ATEXT = "[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]+";
    private static final String PCHAR = "([a-zA-Z0-9._~!$&'()*+,;=:@-]|%[0-9a-fA-F]{2})";
    private static final String TAIL = "(/" + PCHAR + "*)*(\\?(" + PCHAR + "|[/?])*)?(#(" + PCHAR + "|[/?])*)?";

    private static final Map<String, String> PATTERNS = Map.ofEntries(
            Map.entry("date", DATE),
            Map.entry("time", TIME),
            Map.entry("date-time", DATE + "T" + TIME),
            Map.entry(
                    "duration",
                    "P([0-9]+W|([0-9]+Y([0-9]+M([0-9]+D)?)?|[0-9]+M([0-9]+D)?|[0-9]+D)(T([0-9]+H([0-9]+M([0-9]+S)?)?|[0-9]+M([0-9]+S)?|[0-9]+S))?"
                            + "|T([0-9]+H([0-9]+M([0-9]+S)?)?|[0-9]+M([0-9]+S)?|[0-9]+S))"),
            Map.entry("uuid", "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"),
            Map.entry("email", ATEXT + "(\\." + ATEXT + ")*@" + LABEL + "(\\." + LABEL + ")+"),
            Map.entry("hostname", HOST),
            Map.entry("ipv4", IPV4),
            Map.entry("ipv6", ipv6()),
            Map.entry(
                    "uri",
                    "[a-zA-Z][a-zA-Z0-9+.-]*:(//" + HOST + "(:[0-9]{1,5})?" + TAIL + "|" + PCHAR + "+" + TAIL + ")"),
            Map.entry("json-pointer", "(/([^/~]|~[01])*)*"));

    /** Formats of the specification that have no pattern here. */
    private static final Set<String> UNSUPPORTED = Set.of(
            "idn-email",
            "idn-hostname",
            "uri-reference",
            "iri",
            "iri-reference",
            "uri-template",
            "relative-json-pointer",
            "regex");

    private Formats() {}

    private static String ipv6() {
        StringBuilder all = new StringBuilder("((" + HEX4 + ":){7}" + HEX4);
        for (int before = 0; before <= 7; before++) {
            // At most seven groups stand before and after ::.
            String first = before == 0 ? ":" : "(" + HEX4 + ":){" + before + "}";
            int behind = 7 - before;
            all.append("|").append(first).append(":");
            if (behind > 0) {
                all.append("(")
                        .append(HEX4)
                        .append("(:")
                        .append(HEX4)
                        .append("){0,")
                        .append(behind - 1)
                        .append("})?");
            }
        }
        return all.append(")").toString();
    }

    static boolean isUnsupported(String format) {
        return UNSUPPORTED.contains(format);
    }

    /** Returns the bits of a number format (the OpenAPI format registry); empty for other formats. */
    static OptionalInt bits(Object format) {
        return "int32".equals(format)
                ? OptionalInt.of(32)
                : "int64".equals(format) ? OptionalInt.of(64) : OptionalInt.empty();
    }

    /** Returns the strings of a format; empty for a format that is not in the specification and so has no effect. */
    static Optional<Dfa> find(String format) {
        return Optional.ofNullable(PATTERNS.get(format)).map(pattern -> Dfa.of(RegexParser.fitting(pattern)));
    }
}
