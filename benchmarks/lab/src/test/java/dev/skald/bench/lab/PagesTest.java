package dev.skald.bench.lab;

import static dev.skald.bench.lab.Types.report;
import static dev.skald.bench.lab.Types.type;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class PagesTest {
    private static final QuantizationReport REPORT = report(
            3,
            type("A", 4, 0.010, 0.001, 0.99, 10),
            type("B", 3, 0.011, 0.001, 0.96, 20),
            type("C", 1, 0.3, 0.01, 0.8, 20.1, 1.002, 0.03));

    /** A and B are within the noise in divergence, B and C in speed; A alone agrees most. */
    @Test
    void onlyWhatIsBetterBeyondTheNoiseIsCrowned() {
        String page = HtmlPage.of(REPORT);
        assertEquals(List.of("tied", "best", ""), classes(page, "A"));
        assertEquals(List.of("tied", "", "tied"), classes(page, "B"));
        assertEquals(List.of("", "", "tied"), classes(page, "C"));
        assertTrue(page.contains("class=\"noise\"><span>+0.20</span> <small>± 3.00 %</small>"), page);
    }

    /** The classes of divergence, agreement and generation. */
    private static List<String> classes(String page, String type) {
        String row = page.substring(page.indexOf("<tr><th>" + type + "</th>"));
        return List.of("KL divergence", "Same top token", "Generation, tokens/s").stream()
                .map(label -> row.substring(row.indexOf("data-label=\"" + label + "\"") + label.length() + 13))
                .map(cell -> cell.startsWith(" class=\"") ? cell.substring(8, cell.indexOf('"', 8)) : "")
                .toList();
    }

    /** Its name comes from a file, and a file may come from anyone. */
    @Test
    void theTitleIsTheModelsNameAndNoMarkup() {
        QuantizationReport named = new QuantizationReport(
                "<b>N|B</b>",
                "f.gguf",
                "t",
                512,
                1,
                "here",
                "",
                1,
                1,
                1,
                REPORT.source(),
                REPORT.types(),
                List.of("Q2_K"));
        String page = HtmlPage.of(named);
        assertTrue(page.contains("<h1>&lt;b&gt;N|B&lt;/b&gt;</h1>"), page);
        assertTrue(page.contains("Not measured yet: Q2_K."), page);
        String markdown = MarkdownPage.of(named);
        assertTrue(markdown.startsWith("## Quantizations of &lt;b>N\\|B&lt;/b>\n"), markdown);
        assertTrue(markdown.contains("Not measured yet: Q2_K."), markdown);
    }

    /** A model that knows nothing any more. */
    @Test
    void largeNumbersAreShort() {
        Measured lost = type("TQ1_0", 1, 7.5, 0.1, 0.1, 20, 801.7188, 119.9459);
        assertEquals("4,009 ± 0", Words.perplexity(lost));
        assertEquals("250.0 ± 0.1", Words.perplexity(type("Q2_0", 1, 4, 0.1, 0.3, 20, 50, 4)));
        assertEquals("+80,072 ± 11,995 %", Words.change(lost));
        assertEquals("+0.20 ± 3.00 %", Words.change(REPORT.types().get(2)));
    }

    @Test
    void everyRowOfTheMarkdownTableHasEveryColumn() {
        List<String> rows = MarkdownPage.of(REPORT)
                .lines()
                .filter(line -> line.startsWith("|"))
                .toList();
        assertEquals(6, rows.size());
        for (String row : rows) {
            assertEquals(10, row.chars().filter(c -> c == '|').count(), row);
        }
        assertTrue(
                rows.contains(
                        "| A | 4.00 GB | 4.00 | 0.0100 ± 0.0010 | 0.0900 | 0.2000 | 99.0 ± 0.2 % | 5.050 ± 0.100 |"
                                + " 10.0 ± 0.1 |"),
                rows.toString());
    }

    /** In the dark the page takes other colours, and a narrow one shows rows as cards. */
    @Test
    void thePageFitsDarkAndNarrowScreens() {
        String page = HtmlPage.of(REPORT);
        assertTrue(page.contains("prefers-color-scheme: dark") && page.contains("max-width: 600px"));
        assertFalse(page.contains("overflow-x"), "something scrolls sideways");
    }
}
