/// Where text goes: stdout for the result and nothing else, stderr for the rest, files that are replaced whole.
#pragma once

#include <chrono>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace firstbyte::tools {

/// The command line asks for something that does not exist: exit code 2.
class UsageError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Ended by a signal before there was anything to keep; the exit code says which.
class Interrupted : public std::runtime_error {
public:
    explicit Interrupted(int code) : std::runtime_error("interrupted before anything was finished"), code_(code) {}
    [[nodiscard]] int code() const { return code_; }

private:
    int code_;
};

void print_result(std::string_view text); ///< to stdout; a line feed is added when the text does not end in one
void print_bytes(std::string_view bytes); ///< to stdout as they are
void print_error(std::string_view text);  ///< to stderr
[[nodiscard]] bool stdout_is_terminal();
/// @throws std::runtime_error  when stdout took less than was printed: a full disk must not look like success
void flush_result();

/// The whole file, or standard input for "-".
/// @throws std::runtime_error  "cannot read FILE: reason"
[[nodiscard]] std::string read_file(const std::string& path);

/// Replaces `path` at once (a temporary beside it is renamed); a device or pipe is written to as it stands.
/// @throws std::runtime_error  "cannot write FILE: reason"
void write_file(const std::string& path, std::string_view text);

/// One value of --out, checked before the simulation starts so that its work is not lost to a misspelt folder.
struct OutputFile {
    std::string path; ///< "-": standard output
    std::string kind; ///< one of those asked for
};
/// @param kinds  what the command can write; a suffix of the path or a prefix ("json:PATH") names one; .xml is "junit".
///               Where "junit" is among them, "PATH/" is a folder of result.json, report.html, summary.md, junit.xml
/// @throws UsageError  for a kind that does not exist
/// @throws std::runtime_error  when the folder cannot be written to
[[nodiscard]] std::vector<OutputFile> output_files(const std::vector<std::string>& arguments,
                                                   const std::vector<std::string>& kinds = {"json"});

/// From now on SIGINT and SIGTERM end the process with 128 + signal, never while a file is half replaced.
void exit_on_signals();

/// While one lives, the first SIGINT or SIGTERM asks for an end instead of making one; the second ends the process.
class GracefulStop {
public:
    GracefulStop();
    ~GracefulStop();
    GracefulStop(const GracefulStop&) = delete;
    GracefulStop& operator=(const GracefulStop&) = delete;
    [[nodiscard]] static bool requested();
    [[nodiscard]] static int exit_code(); ///< 128 + the signal, once requested
};

/// The progress line of a simulation: redrawn on a terminal, else a plain line at most every 30 s.
class Progress {
public:
    /// @param mode      auto, always, never, or json: one object per line for programs
    /// @param variants  simulations that will report one after the other
    Progress(const std::string& mode, bool quiet, int variants);
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    void begin_variant(int index);
    void update(int done, int of); ///< safe to call from any thread

private:
    using Clock = std::chrono::steady_clock;
    std::mutex mutex_;
    bool redraw_ = false, plain_ = false;
    bool json_ = false;
    int variants_, variant_ = 0;
    std::size_t drawn_ = 0; ///< characters of the line on the screen
    Clock::time_point started_ = Clock::now(), last_ = started_;
};

} // namespace firstbyte::tools
