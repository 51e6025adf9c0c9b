package dev.skald.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;

/** What people type who know llama.cpp and Ollama. */
class HabitsTest {
    private static final Pattern OPTION = Pattern.compile("(?:skald ([a-z]+) )?(?<![-\\w])(--[a-z][-a-z]*)");
    private static final Pattern COMMAND = Pattern.compile("\\bskald ([a-z]+)(?= (?:--|names|has)|[,;.`)])");

    private static String stories() {
        return GoldenFiles.file("models/stories260K-Q8_0.gguf").toString();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-p|Once upon a time|--temp|0|--ctx-size|64|--n-predict|5",
                "Once upon a time|--temperature|0|-c|64|-n|5",
                "Once|upon|a|time|--temp|0|--predict|5",
                "--temp|0|-n|5|--|Once upon a time"
            })
    void namesOfOptionsAndTextsByThemselves(String line) {
        List<String> words = new ArrayList<>(List.of("complete", "-m", stories()));
        words.addAll(List.of(line.split("\\|")));
        assertEquals(
                ", there was a little", Ran.skald(words.toArray(String[]::new)).succeeded());
    }

    @Test
    void aTextByItselfIsTokenizedToo() {
        assertEquals(
                Ran.skald("tokenize", "-p", "Once upon a").succeeded(),
                Ran.skald("tokenize", "Once", "upon", "a").succeeded());
    }

    @Test
    void aTextByItselfIsAMessage() {
        String[] asked = {"chat", "--temp", "0", "Hva er hovedstaden i Norge?"};
        assertTrue(Ran.skald(asked).succeeded().contains("Oslo"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "complete -p a b|two texts",
                "chat model.gguf hei|by -m",
                "tokenize -f x y|two texts",
                "complete --prompt-tokens 1 a|give only one",
                "chat --lines a|leave out",
                "perplexity text.txt|text.txt"
            })
    void whatIsMeantByATextIsSaid(String line) {
        String[] parts = line.split("\\|");
        Ran ran = Ran.skald(parts[0].split(" "));
        assertEquals(2, ran.code(), ran.err());
        assertTrue(ran.err().contains(parts[1]), ran.err());
    }

    @ParameterizedTest
    @ValueSource(strings = {"-ngl 99", "--n-gpu-layers 0", "--gpu-layers all"})
    void layersOnAGraphicsCardHaveNoEffect(String option) {
        Ran ran = Ran.skald(("complete Oslo -n 1 " + option).split(" "));
        ran.succeeded();
        assertEquals(
                1, ran.err().lines().filter(line -> line.contains("CPU only")).count(), ran.err());
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "-0.1", "NaN", "Infinity"})
    void aTemperatureIsNotNegative(String value) {
        Ran ran = Ran.skald("chat", "hei", "--temp", value);
        assertEquals(2, ran.code(), ran.err());
        assertTrue(ran.err().startsWith("skald: --temperature=" + Float.valueOf(value)), ran.err());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--in-place --kernels machine|--in-place",
                "--in-place --activation-bits 8|--in-place",
                "--kernels vector --activation-bits 16|--kernels vector",
                "--exact --activation-bits 8|--exact"
            })
    void anOptionThatTakesAnothersEffectAwayIsNamed(String line) {
        String[] parts = line.split("\\|");
        Ran ran = Ran.skald(("complete Oslo " + parts[0]).split(" "));
        assertEquals(2, ran.code(), ran.err());
        assertTrue(ran.err().contains(parts[1] + " "), ran.err());
    }

    @Test
    void inspectTakesAModelAsOthersDo() {
        assertEquals(
                Ran.skald("inspect", stories()).succeeded(),
                Ran.skald("inspect", "-m", stories()).succeeded());
        assertEquals(2, Ran.skald("inspect", "-m", stories(), stories()).code());
    }

    @Test
    void benchMeasuresTheModelThatIsThere() {
        String table = Ran.skald(
                        "bench", "-p", "4", "-n", "2", "-r", "1", "--warm-up", "0", "--read-mib", "1", "-ngl", "9")
                .succeeded();
        assertTrue(table.contains("skald-tiny"), table);
    }

    @ParameterizedTest
    @ValueSource(strings = {"chat", "quantize", "help"})
    void helpIsACommandToo(String command) {
        assertEquals(
                Ran.skald(command, "--help").succeeded(),
                Ran.skald("help", command).succeeded());
    }

    @Test
    void helpOfNoCommandIsThatOfAll() {
        assertEquals(Ran.skald("--help").succeeded(), Ran.skald("help").succeeded());
        Ran ran = Ran.skald("help", "walk");
        assertEquals(2, ran.code());
        assertTrue(ran.err().startsWith("skald: there is no command 'walk', only [chat, run, complete,"), ran.err());
    }

    static Stream<CommandSpec> commands() {
        Streams none = Streams.of(System.in, System.out, System.err);
        return Skald.commandLine(new Skald(), none).getSubcommands().values().stream()
                .map(CommandLine::getCommandSpec);
    }

    /** Each option and each command that a help text names is one. */
    @ParameterizedTest
    @MethodSource("commands")
    void helpNamesWhatThereIs(CommandSpec command) {
        List<String> texts = new ArrayList<>(List.of(command.usageMessage().description()));
        for (ArgSpec argument : command.args()) {
            texts.addAll(Arrays.asList(argument.description()));
        }
        for (String text : texts) {
            String own = text.replaceAll("llama-\\w+ --\\S+", "");
            for (Matcher named = OPTION.matcher(own); named.find(); ) {
                CommandSpec owner = named.group(1) == null ? command : sibling(command, named.group(1));
                assertTrue(owner.findOption(named.group(2)) != null, command.name() + ": " + text);
            }
            for (Matcher named = COMMAND.matcher(own); named.find(); ) {
                sibling(command, named.group(1));
            }
        }
    }

    private static CommandSpec sibling(CommandSpec command, String name) {
        CommandLine found = command.parent().subcommands().get(name);
        assertTrue(found != null, "there is no command " + name);
        return found.getCommandSpec();
    }

    @Test
    void helpHasFirstWhatIsUsedMost() {
        String help = Ran.skald("chat", "--help").succeeded();
        help = help.substring(help.indexOf("Talk with"));
        int last = 0;
        for (String option :
                List.of("-m, --model", "-p, --prompt", "--temp", "--stop", "--kernels", "--kv", "--debug")) {
            int at = help.indexOf(option, last);
            assertTrue(at > last, option + " in " + help);
            last = at;
        }
        assertEquals(
                0,
                commands()
                        .flatMap(command -> command.options().stream())
                        .flatMap(option -> Arrays.stream(option.description()))
                        .filter(text -> text.matches(
                                ".*\\b(the )?(next|previous|above|below)\\b (two|three|four|five|option).*"))
                        .count());
    }
}
