/** Finds models on Hugging Face by name, downloads them and keeps them in its cache. */
module dev.skald.hub {
    requires com.fasterxml.jackson.databind;
    requires java.net.http;

    exports dev.skald.hub;
}
