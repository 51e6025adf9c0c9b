package dev.skald.langchain4j.example;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class AssistantTest {
    @Test
    void theBundledModelCallsAndFillsARecord() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrintStream before = System.out;
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        try {
            Assistant.main(new String[0]);
        } finally {
            System.setOut(before);
        }
        assertEquals(
                List.of(
                        "> Hvordan er været i Tromsø?",
                        "Været i Tromsø: -3 grader og snø.",
                        "> Hva er hovedstaden i Norge?",
                        "Oslo er hovedstaden i Norge.",
                        "Person[name=Kari, age=41, town=Bergen]"),
                out.toString(StandardCharsets.UTF_8).lines().toList());
    }
}
