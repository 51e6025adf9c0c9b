import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.service.AiServices;
import dev.skald.langchain4j.SkaldChatModel;
import java.nio.file.Path;

public class Hello {
    interface Helper {
        String ask(String question);
    }

    public static void main(String[] args) {
        try (SkaldChatModel model = SkaldChatModel.builder()
                .modelPath(Path.of(args[0]))
                .temperature(0.0)
                .build()) {
            System.out.println(ask(model, "Hva er hovedstaden i Norge?"));
        }
    }

    static String ask(ChatModel model, String question) {
        return AiServices.create(Helper.class, model).ask(question);
    }
}
