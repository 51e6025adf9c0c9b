package dev.skald.hub;

import java.io.IOException;
import java.net.Authenticator;
import java.net.InetSocketAddress;
import java.net.PasswordAuthentication;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The proxies of the environment variables. */
final class Proxies {
    private Proxies() {}

    /** Returns the credentials for the proxy at an address; null if it needs none. */
    static final class Password extends Authenticator {
        private final String user;
        private final char[] secret;

        Password(String user, String secret) {
            this.user = user;
            this.secret = secret.toCharArray();
        }

        @Override
        protected PasswordAuthentication getPasswordAuthentication() {
            return getRequestorType() == RequestorType.PROXY ? new PasswordAuthentication(user, secret.clone()) : null;
        }
    }

    static ProxySelector selector(Map<String, String> environment) {
        if (System.getProperty("https.proxyHost") != null || System.getProperty("http.proxyHost") != null) {
            return ProxySelector.getDefault();
        }
        return new FromEnvironment(environment);
    }

    /** Returns the user and password in a proxy's address. */
    static Password password(Map<String, String> environment) {
        for (String scheme : List.of("https", "http")) {
            Optional<String> user = proxy(environment, scheme).map(URI::getRawUserInfo);
            if (user.isPresent()) {
                String[] parts = user.get().split(":", 2);
                return new Password(decoded(parts[0]), parts.length > 1 ? decoded(parts[1]) : "");
            }
        }
        return null;
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    /** Returns a variable, whose name may be in lower or upper case; like curl, this prefers lower case. */
    private static Optional<String> variable(Map<String, String> environment, String name) {
        return Optional.ofNullable(environment.get(name))
                .or(() -> Optional.ofNullable(environment.get(name.toUpperCase(Locale.ROOT))))
                .map(String::strip)
                .filter(value -> !value.isEmpty());
    }

    private static Optional<URI> proxy(Map<String, String> environment, String scheme) {
        return variable(environment, scheme + "_proxy")
                .or(() -> variable(environment, "all_proxy"))
                .map(value -> URI.create(value.contains("://") ? value : "http://" + value))
                .filter(address -> address.getHost() != null);
    }

    private static final class FromEnvironment extends ProxySelector {
        private static final int USUAL_PORT = 80;

        private final Map<String, String> environment;

        FromEnvironment(Map<String, String> environment) {
            this.environment = environment;
        }

        @Override
        public List<Proxy> select(URI address) {
            Optional<URI> proxy = proxy(environment, address.getScheme());
            if (proxy.isEmpty() || isExcepted(address.getHost())) {
                return List.of(Proxy.NO_PROXY);
            }
            int port = proxy.get().getPort();
            return List.of(new Proxy(
                    Proxy.Type.HTTP,
                    InetSocketAddress.createUnresolved(proxy.get().getHost(), port < 0 ? USUAL_PORT : port)));
        }

        private boolean isExcepted(String host) {
            for (String entry : variable(environment, "no_proxy").orElse("").split("[,\\s]+")) {
                String name = entry.replaceFirst("^\\*?\\.", "").replaceFirst(":\\d+$", "");
                if (entry.equals("*")
                        || !name.isEmpty()
                                && (host.equalsIgnoreCase(name)
                                        || host.toLowerCase(Locale.ROOT)
                                                .endsWith("." + name.toLowerCase(Locale.ROOT)))) {
                    return true;
                }
            }
            return false;
        }

        @Override
        public void connectFailed(URI address, SocketAddress proxy, IOException failure) {
            // The request will fail with the same exception.
        }
    }
}
