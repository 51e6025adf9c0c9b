package dev.skald.runtime.convert;

import dev.skald.runtime.error.UnsupportedModelException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/** The registry of families: maps the architecture names of {@code config.json} to the classes that convert them. */
final class Families {
    private record Entry(String architecture, Function<Family.Source, Family> make) {}

    private static final Map<String, Entry> ALL = new TreeMap<>();

    static {
        add("llama", LlamaFamily::new, "LlamaForCausalLM", "LLaMAForCausalLM", "LlamaModel");
        add("llama", LlamaFamily::new, "MistralForCausalLM", "MixtralForCausalLM");
        add("mistral3", MistralFamily::new, "Mistral3ForConditionalGeneration", "Ministral3ForCausalLM");
        add("smollm3", LlamaFamily::new, "SmolLM3ForCausalLM");
        add("granite", GraniteFamily::new, "GraniteForCausalLM");
        add("granitemoe", GraniteFamily::new, "GraniteMoeForCausalLM", "GraniteMoeSharedForCausalLM");
        add("internlm2", InternLm2Family::new, "InternLM2ForCausalLM");
        add("gemma", GemmaFamily::new, "GemmaForCausalLM");
        add("gemma2", GemmaFamily::new, "Gemma2ForCausalLM");
        add("gemma3", GemmaFamily::new, "Gemma3ForCausalLM", "Gemma3ForConditionalGeneration");
        add("gemma-embedding", GemmaFamily::new, "Gemma3TextModel");
        add("qwen2", QwenFamily::new, "Qwen2ForCausalLM", "Qwen2Model");
        add("qwen2moe", QwenFamily::new, "Qwen2MoeForCausalLM");
        add("qwen3", QwenFamily::new, "Qwen3ForCausalLM", "Qwen3Model");
        add("qwen3moe", QwenFamily::new, "Qwen3MoeForCausalLM");
        add("qwen35", Qwen35Family::new, "Qwen3_5ForCausalLM", "Qwen3_5ForConditionalGeneration");
        add("qwen35moe", Qwen35Family::new, "Qwen3_5MoeForCausalLM", "Qwen3_5MoeForConditionalGeneration");
        add("gpt-oss", GptOssFamily::new, "GptOssForCausalLM");
        add("phi3", Phi3Family::new, "Phi3ForCausalLM");
        add("olmo2", Olmo2Family::new, "Olmo2ForCausalLM", "Olmo3ForCausalLM");
        add("exaone4", Exaone4Family::new, "Exaone4ForCausalLM");
        add("glm4", Glm4Family::new, "Glm4ForCausalLM");
        add("command-r", CohereFamily::new, "CohereForCausalLM");
        add("cohere2", CohereFamily::new, "Cohere2ForCausalLM");
        add("stablelm", StableLmFamily::new, "StableLmForCausalLM", "StableLMEpochForCausalLM");
        add("starcoder2", StarCoder2Family::new, "Starcoder2ForCausalLM");
        add("lfm2", Lfm2Family::new, "Lfm2ForCausalLM", "LFM2ForCausalLM");
        add("deepseek2", DeepSeekFamily::new, "DeepseekV2ForCausalLM", "DeepseekV3ForCausalLM");
        add("bert", BertFamily::new, "BertModel", "BertForMaskedLM", "BertForSequenceClassification", "CamembertModel");
        add("bert", BertFamily::new, "XLMRobertaModel", "XLMRobertaForSequenceClassification");
        add("bert", BertFamily::new, "RobertaModel", "RobertaForSequenceClassification");
        add("nomic-bert", BertFamily::new, "NomicBertModel");
        add("jina-bert-v2", BertFamily::new, "JinaBertModel", "JinaBertForMaskedLM");
    }

    private Families() {}

    private static void add(String architecture, Function<Family.Source, Family> make, String... names) {
        for (String name : names) {
            ALL.put(name, new Entry(architecture, make));
        }
    }

    static List<String> names() {
        return List.copyOf(ALL.keySet());
    }

    /** A kind of model that is recognized by its configuration, before any weights are read. */
    record Kind(String name) {
        Family family(Folder folder, Config config, Checkpoint checkpoint) {
            Entry entry = ALL.get(name);
            return entry.make.apply(new Family.Source(entry.architecture, name, folder, config, checkpoint));
        }
    }

    static Kind of(Config config) {
        List<String> names = config.strings("architectures");
        List<String> ofText = config.maybeObject("text_config")
                .map(text -> text.strings("architectures"))
                .orElse(List.of());
        String name = !ofText.isEmpty() ? ofText.getFirst() : names.isEmpty() ? "" : names.getFirst();
        if (!ALL.containsKey(name)) {
            throw new UnsupportedModelException(
                    config.place() + ": the architecture is '" + name + "'; these can be converted: " + names());
        }
        return new Kind(name);
    }
}
