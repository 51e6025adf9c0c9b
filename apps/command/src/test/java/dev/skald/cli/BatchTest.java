package dev.skald.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BatchTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ASKED =
            "{\"custom_id\":\"%s\",\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\"body\":{\"model\":\"gpt-4o-mini\","
                    + "\"messages\":[{\"role\":\"user\",\"content\":\"Hva er hovedstaden i %s?\"}],\"max_tokens\":20}}\n";

    @TempDir
    Path folder;

    private Ran batch(String input, String... options) throws IOException {
        Path in = Files.writeString(folder.resolve("in.jsonl"), input);
        List<String> line = new java.util.ArrayList<>(List.of("batch", in.toString(), out().toString()));
        line.addAll(List.of(options));
        return Ran.skald(line.toArray(String[]::new));
    }

    private Path out() {
        return folder.resolve("out.jsonl");
    }

    private Map<String, JsonNode> answers() throws IOException {
        Map<String, JsonNode> answers = new TreeMap<>();
        for (String line : Files.readAllLines(out())) {
            JsonNode answer = JSON.readTree(line);
            String id =
                    answer.path(answer.has("custom_id") ? "custom_id" : "id").asText();
            assertEquals(null, answers.put(id, answer), "two answers for " + id);
        }
        return answers;
    }

    @Test
    void rowsOfOpenAisForm() throws IOException {
        batch(ASKED.formatted("a", "Norge") + ASKED.formatted("b", "Sverige")).succeeded();
        JsonNode a = answers().get("a");
        assertTrue(a.path("id").asText().startsWith("batch_req_"));
        assertEquals(200, a.path("response").path("status_code").asInt());
        assertTrue(a.path("error").isNull());
        JsonNode body = a.path("response").path("body");
        assertEquals("chat.completion", body.path("object").asText());
        assertTrue(
                body.path("choices")
                        .path(0)
                        .path("message")
                        .path("content")
                        .asText()
                        .contains("Oslo"),
                a.toString());
        assertTrue(answers().get("b").toString().contains("Stockholm"));
    }

    @Test
    void rowsOfTheSimpleForm() throws IOException {
        batch("{\"id\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"Hva er hovedstaden i Norge?\"}]}\n\n"
                        + "{\"prompt\":\"Hovedstaden i Norge er\",\"max_tokens\":3}\n")
                .succeeded();
        assertTrue(answers().get("x").path("text").asText().contains("Oslo"));
        assertEquals("stop", answers().get("x").path("finish_reason").asText());
        JsonNode third = answers().get("3");
        assertEquals(3, third.path("id").asInt(), "the number of its line");
        assertEquals(3, third.path("generated_tokens").asInt());
        assertEquals("length", third.path("finish_reason").asText());
    }

    @Test
    void aRowThatFailsIsALine() throws IOException {
        Path in = folder.resolve("in.jsonl");
        String rows = ASKED.formatted("a", "Norge")
                + "nonsense\n"
                + "{\"custom_id\":\"b\",\"url\":\"/v1/chat/completions\",\"body\":{\"messages\":[]}}\n"
                + "{\"custom_id\":\"c\",\"url\":\"/v1/files\",\"body\":{}}\n"
                + "{\"id\":\"d\",\"prompt\":\"x\",\"text\":\"y\"}\n"
                + "{\"id\":\"e\",\"prompt\":\"x\",\"bogus\":1}\n"
                + "{\"id\":\"f\",\"text\":\"Oslo\"}\n";
        byte[] bytes = rows.getBytes(StandardCharsets.UTF_8);
        byte[] all = java.util.Arrays.copyOf(bytes, bytes.length + 2);
        all[bytes.length] = (byte) 0xFF;
        all[bytes.length + 1] = '\n';
        Files.write(in, all);
        Ran ran = Ran.skald("batch", in.toString(), out().toString());
        assertEquals(1, ran.code());
        assertTrue(ran.err().contains("skald: 8 rows; 7 failed"), ran.err());
        Map<String, JsonNode> answers = answers();
        assertEquals(200, answers.get("a").path("response").path("status_code").asInt());
        assertTrue(answers.get("2").path("error").asText().startsWith("line 2: not JSON"));
        assertEquals(400, answers.get("b").path("response").path("status_code").asInt());
        assertTrue(answers.get("b")
                .path("response")
                .path("body")
                .path("error")
                .path("message")
                .asText()
                .contains("messages"));
        assertTrue(answers.get("c").path("response").isNull());
        assertTrue(answers.get("c").path("error").path("message").asText().contains("'/v1/files'"));
        assertTrue(answers.get("d").path("error").asText().contains("prompt and text"));
        assertTrue(answers.get("e").path("error").asText().contains("bogus"));
        assertTrue(
                answers.get("f").path("error").asText().contains("pooling"),
                answers.get("f").toString());
        assertTrue(answers.get("8").path("error").asText().contains("not UTF-8"));
    }

    @ParameterizedTest
    @CsvSource({"1", "10", "150"})
    void aStoppedBatchIsContinued(int cut) throws IOException {
        String rows = ASKED.formatted("a", "Norge") + ASKED.formatted("b", "Sverige") + ASKED.formatted("c", "Danmark");
        batch(rows, "--parallel", "1").succeeded();
        List<String> lines = Files.readAllLines(out());
        String whole = Files.readString(out());
        // As a process leaves it that is killed while it writes the third line.
        Files.writeString(out(), whole.substring(0, whole.length() - cut));
        Ran again = batch(rows);
        again.succeeded();
        assertTrue(again.err().contains("2 of them answered before"), again.err());
        assertEquals(lines.subList(0, 2), Files.readAllLines(out()).subList(0, 2));
        assertEquals(3, answers().size());
        assertTrue(answers().get("c").toString().contains("København"));
        String complete = Files.readString(out());
        assertTrue(batch(rows).err().contains("3 rows, 3 of them answered before"));
        assertEquals(complete, Files.readString(out()));
        assertTrue(batch(rows, "--force").succeeded().isEmpty());
        assertEquals(3, answers().size());
    }

    @Test
    void theSameBatchHasTheSameAnswers() throws IOException {
        String rows = IntStream.range(0, 12)
                .mapToObj(i -> "{\"id\":\"r" + i + "\",\"prompt\":\"Oslo er\",\"max_tokens\":12,\"temperature\":1.5}\n")
                .collect(Collectors.joining());
        batch(rows, "--parallel", "6").succeeded();
        Map<String, JsonNode> first = answers();
        batch(rows, "--parallel", "1", "--force").succeeded();
        assertEquals(first, answers());
        assertTrue(first.values().stream().map(a -> a.path("text")).distinct().count() > 3, first.toString());
        batch(rows, "--force", "--seed", "1").succeeded();
        assertFalse(first.equals(answers()));
    }

    @Test
    void defaultsHoldWhereARowIsSilent() throws IOException {
        batch("{\"prompt\":\"Oslo er\"}\n{\"prompt\":\"Oslo er\",\"max_tokens\":2}\n", "-n", "4", "--temp", "0")
                .succeeded();
        assertEquals(4, answers().get("1").path("generated_tokens").asInt());
        assertEquals(2, answers().get("2").path("generated_tokens").asInt());
    }

    @Test
    void rowsThatCouldNotBeToldApart() throws IOException {
        Ran ran = batch("{\"id\":2,\"prompt\":\"a\"}\n{\"prompt\":\"b\"}\n");
        assertEquals(1, ran.code());
        assertTrue(ran.err().contains("lines 1 and 2 have the same id, '2'"), ran.err());
        assertFalse(Files.exists(out()));
    }

    @Test
    void aMinusIsStandardOutput() throws IOException {
        Path in = Files.writeString(
                folder.resolve("rows"), "{\"id\":\"a\",\"prompt\":\"er\"}\n{\"id\":\"b\",\"prompt\":\"er\"}\n");
        Ran ran = Ran.skald("batch", "-n", "2", in.toString(), "-");
        List<String> lines = ran.succeeded().lines().sorted().toList();
        assertEquals(2, lines.size(), ran.out());
        assertTrue(lines.get(0).contains("\"a\"") && lines.get(1).contains("\"b\""), ran.out());
        assertTrue(ran.err().contains("2 rows"), ran.err());
        assertFalse(Files.exists(Path.of("-")));
    }

    @Test
    void aFileOfSomethingElseIsNotTouched() throws IOException {
        for (String content : List.of("hello", "hello\n", "{\"a\":1}\n", "\n")) {
            Files.writeString(out(), content);
            Ran ran = batch("{\"prompt\":\"a\"}\n");
            assertEquals(1, ran.code());
            assertTrue(ran.err().contains("answers no row of a batch"), ran.err());
            assertEquals(content, Files.readString(out()));
        }
    }

    @Test
    void whatCannotBeRead() throws IOException {
        assertTrue(batch("\n \n").err().contains("has no rows"));
        String in = folder.resolve("in.jsonl").toString();
        Files.writeString(Path.of(in), "{\"prompt\":\"a\"}\n");
        assertTrue(Ran.skald("batch", in, in).err().contains("is read by this command"));
        Ran missing = Ran.skald("batch", folder.resolve("no").toString(), out().toString());
        assertEquals(1, missing.code());
        assertTrue(missing.err().contains("no such file"), missing.err());
        assertEquals(2, Ran.skald("batch", in, out().toString(), "-np", "0").code());
        Ran noFile = Ran.skald("batch", in, folder.toString());
        assertEquals(1, noFile.code());
        assertTrue(noFile.err().contains("is no file that answers can be added to"), noFile.err());
    }
}
