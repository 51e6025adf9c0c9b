@echo off
rem The skald command from a clone, on Windows: builds on first use and after a change, then runs.
setlocal EnableExtensions DisableDelayedExpansion
set "SKALD_ROOT=%~dp0"
set "SKALD_JAR=%SKALD_ROOT%apps\command\target\skald.jar"
set "SKALD_CLASSES=%SKALD_ROOT%apps\command\target\skald.aot"
set "SKALD_OPTIONS=%SKALD_ROOT%apps\command\src\main\resources\dev\skald\cli"

set "SKALD_JDK="
call :try "%JAVA_HOME%"
for /f "delims=" %%j in ('where java.exe 2^>nul') do call :try "%%~dpj.."
for /d %%d in ("%ProgramFiles%\Eclipse Adoptium\*" "%ProgramFiles%\Java\*" "%ProgramFiles%\Microsoft\*" "%ProgramFiles%\Zulu\*" "%ProgramFiles%\Amazon Corretto\*" "%ProgramFiles%\BellSoft\*" "%USERPROFILE%\.jdks\*" "%USERPROFILE%\scoop\apps\*jdk*\current") do call :try "%%~d"
if not defined SKALD_JDK (
    echo skald: no JDK 25 or newer found ^(looked at JAVA_HOME, the PATH and the usual places^). 1>&2
    echo skald: install one ^(https://adoptium.net^) or point at it: set JAVA_HOME=C:\path\to\jdk-25 1>&2
    exit /b 1
)
set "JAVA_HOME=%SKALD_JDK%"

if not exist "%SKALD_JAR%" goto build
powershell -NoProfile -NonInteractive -Command "$t = (Get-Item -LiteralPath $env:SKALD_JAR).LastWriteTimeUtc; Set-Location -LiteralPath $env:SKALD_ROOT; $s = @(Get-Item pom.xml, */pom.xml, */*/pom.xml) + @(Get-ChildItem -Recurse */src/main, */*/src/main); if ($s | Where-Object { $_.LastWriteTimeUtc -gt $t }) { exit 3 }"
if not errorlevel 3 goto run

:build
where mvn >nul 2>nul
if errorlevel 1 (
    echo skald: Maven is needed to build skald from source and was not found on the PATH ^(https://maven.apache.org/install.html^) 1>&2
    exit /b 1
)
echo skald: building; this takes about a minute the first time 1>&2
if not exist "%SKALD_ROOT%apps\command\target" mkdir "%SKALD_ROOT%apps\command\target"
set "SKALD_LOG=%SKALD_ROOT%apps\command\target\build.log"
call mvn -B -ntp -q -f "%SKALD_ROOT%pom.xml" -pl apps/command -am -DskipTests -Dspotless.check.skip package >"%SKALD_LOG%" 2>&1
if errorlevel 1 (
    type "%SKALD_LOG%" 1>&2
    echo skald: the build failed; Maven's messages are above 1>&2
    exit /b 1
)
del "%SKALD_CLASSES%" >nul 2>nul

:run
rem A cache of loaded classes takes a tenth of a second off each start. It fits one JDK and one jar, and the JVM leaves
rem aside one that does not; where none can be made, an empty file stands for it.
if exist "%SKALD_CLASSES%" goto start
"%SKALD_JDK%\bin\java.exe" "@%SKALD_OPTIONS%\jvm.options" "@%SKALD_OPTIONS%\vectors.options" "-XX:AOTCacheOutput=%SKALD_CLASSES%" -jar "%SKALD_JAR%" complete -p "Oslo er" -n 8 <nul >nul 2>nul
if not exist "%SKALD_CLASSES%" type nul >"%SKALD_CLASSES%"

:start
rem Skald writes UTF-8; the console is told so and set back afterwards.
for /f "tokens=2 delims=:." %%c in ('chcp') do set "SKALD_CODEPAGE=%%c"
chcp 65001 >nul
"%SKALD_JDK%\bin\java.exe" "@%SKALD_OPTIONS%\jvm.options" "@%SKALD_OPTIONS%\vectors.options" "-XX:AOTCache=%SKALD_CLASSES%" "-Xlog:aot*=off" "-Xlog:cds*=off" -jar "%SKALD_JAR%" %*
set "SKALD_EXIT=%ERRORLEVEL%"
chcp %SKALD_CODEPAGE% >nul
exit /b %SKALD_EXIT%

rem Takes the JDK in %1 when it has a compiler and is of version 25 or newer, and none was taken before.
:try
if defined SKALD_JDK exit /b 0
if "%~1"=="" exit /b 0
if not exist "%~1\bin\javac.exe" exit /b 0
findstr /r /c:"^JAVA_VERSION=.2[5-9]" /c:"^JAVA_VERSION=.[3-9][0-9]" "%~1\release" >nul 2>nul && set "SKALD_JDK=%~1"
exit /b 0
