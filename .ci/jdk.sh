# Sourced by ./skald and .ci/run (POSIX sh): sets and exports JAVA_HOME to a JDK of at least $skald_java_minimum.
# Order: JAVA_HOME, java on the PATH, then the places where packages and version managers put JDKs.

skald_java_minimum=25

# The feature version of the JDK in $1, from its release file; 0 when there is none or it has no compiler.
skald_java_feature() {
    { [ -x "$1/bin/javac" ] || [ -x "$1/bin/javac.exe" ]; } && [ -r "$1/release" ] || { echo 0; return; }
    skald_version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release")
    echo "${skald_version:-0}"
}

skald_find_jdk() {
    skald_on_path=$(command -v java 2>/dev/null) || skald_on_path=
    while [ -n "$skald_on_path" ] && [ -L "$skald_on_path" ]; do
        skald_link=$(readlink "$skald_on_path")
        case $skald_link in
            /*) skald_on_path=$skald_link ;;
            *) skald_on_path=$(dirname "$skald_on_path")/$skald_link ;;
        esac
    done
    for skald_home in \
        "${JAVA_HOME:-}" \
        "${skald_on_path:+$(dirname "$(dirname "$skald_on_path")")}" \
        /usr/lib/jvm/* /usr/lib64/jvm/* /usr/java/* /opt/java/* /opt/jdk* \
        /Library/Java/JavaVirtualMachines/*/Contents/Home \
        /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home \
        /usr/local/opt/openjdk*/libexec/openjdk.jdk/Contents/Home \
        "${HOME:-}"/Library/Java/JavaVirtualMachines/*/Contents/Home \
        "${HOME:-}"/.sdkman/candidates/java/* "${HOME:-}"/.jdks/* "${HOME:-}"/.local/share/mise/installs/java/*; do
        if [ -n "$skald_home" ] && [ "$(skald_java_feature "$skald_home")" -ge "$skald_java_minimum" ]; then
            JAVA_HOME=$skald_home
            export JAVA_HOME
            return 0
        fi
    done
    echo "skald: no JDK $skald_java_minimum or newer found (looked at JAVA_HOME, the PATH and the usual places)." >&2
    echo "skald: install one (https://adoptium.net) or point at it: JAVA_HOME=/path/to/jdk-$skald_java_minimum $0" >&2
    return 1
}
