package dev.skald.runtime.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.skald.runtime.chat.ChatTemplateOptions;
import dev.skald.runtime.chat.ChatTemplates;
import dev.skald.runtime.chat.Message;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The token for the beginning of a text stands where the form has it, and never twice. */
class ChatTokensTest {
    @ParameterizedTest
    @CsvSource({
        "llama3, llama-bpe, <|begin_of_text|>, 1",
        "llama2, llama-spm, <s>, 2", // one for each turn, as the card has it
        "mistral, llama-spm, <s>, 1",
        "alpaca, llama-spm, <s>, 1",
        "chatml, llama-spm, <s>, 1",
        "normistral, llama-spm, <s>, 1",
    })
    void beginnings(String template, String vocabulary, String bos, int count) {
        Tokenizer tokenizer = TestFiles.golden(vocabulary);
        List<Message> messages = List.of(
                Message.system("Svar kort."),
                Message.user("Hei!"),
                Message.assistant("God dag."),
                Message.user("Hvem?"));
        String text = ChatTemplates.named(template)
                .render(
                        messages,
                        ChatTemplateOptions.builder()
                                .bosToken(bos)
                                .eosToken("</s>")
                                .build());
        int[] tokens = tokenizer.encode(text, true, true);
        int id = tokenizer.bos().orElseThrow();
        assertEquals(id, tokens[0]);
        assertEquals(count, Arrays.stream(tokens).filter(token -> token == id).count());
    }
}
