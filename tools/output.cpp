#include "output.hpp"

#include "command.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <system_error>
#include <unistd.h>

namespace firstbyte::tools {
namespace {

/// What a signal may do right now. The only state that a signal handler can see is a lock-free global.
enum class Guard : int { Idle, Writing, Interrupted, Ended };
std::atomic<Guard> guard{Guard::Idle};
std::atomic<int> signal_received{0};
std::atomic<bool> graceful{false}, stop_requested{false};
static_assert(std::atomic<Guard>::is_always_lock_free && std::atomic<int>::is_always_lock_free &&
              std::atomic<bool>::is_always_lock_free);

[[noreturn]] void end_by_signal() {
    constexpr std::string_view message = "\ninterrupted\n";
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, message.data(), message.size());
    ::_exit(exit_signal + signal_received.load());
}

/// Nobody ends the process while this lives: a signal that arrives waits until the file stands.
class WriteGuard {
public:
    WriteGuard() {
        Guard idle = Guard::Idle;
        if (!guard.compare_exchange_strong(idle, Guard::Writing)) ::pause(); // the process is ending
    }
    ~WriteGuard() {
        Guard writing = Guard::Writing;
        if (guard.compare_exchange_strong(writing, Guard::Idle)) return;
        ::_exit(exit_signal + signal_received.load());
    }
    WriteGuard(const WriteGuard&) = delete;
    WriteGuard& operator=(const WriteGuard&) = delete;
};

extern "C" void on_signal(int number) {
    signal_received.store(number);
    if (graceful.load() && !stop_requested.exchange(true)) {
        constexpr std::string_view message = "\nstopping after what is in flight (once more: now)\n";
        [[maybe_unused]] const auto written = ::write(STDERR_FILENO, message.data(), message.size());
        return;
    }
    Guard seen = Guard::Idle;
    if (guard.compare_exchange_strong(seen, Guard::Ended)) end_by_signal();
    if (seen == Guard::Writing) guard.compare_exchange_strong(seen, Guard::Interrupted);
}

struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

[[noreturn]] void fail(const char* verb, const std::string& path, int error) {
    throw std::runtime_error(fmt::format("cannot {} {}: {}", verb, path == "-" ? "standard input" : path,
                                         std::generic_category().message(error)));
}

std::string read_all(std::FILE* file, const std::string& path) {
    std::string text;
    std::array<char, 65536> block;
    for (;;) {
        const std::size_t count = std::fread(block.data(), 1, block.size(), file);
        text.append(block.data(), count);
        if (std::ferror(file) != 0) fail("read", path, errno);
        if (count < block.size()) return text;
    }
}

void write_all(const std::string& path, const std::string& name, const char* mode, std::string_view text) {
    errno = 0;
    File file{std::fopen(path.c_str(), mode)};
    if (!file) fail("write", name, errno);
    const bool written = std::fwrite(text.data(), 1, text.size(), file.get()) == text.size();
    const bool closed = std::fclose(file.release()) == 0;
    if (!written || !closed) fail("write", name, errno);
}

/// "7 min 31 s"
std::string remaining_time(double seconds) {
    const auto whole = std::lround(seconds);
    return whole < 60 ? fmt::format("{} s", whole) : fmt::format("{} min {} s", whole / 60, whole % 60);
}

} // namespace

void print_result(std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    if (!text.empty() && text.back() != '\n') std::fputc('\n', stdout);
}

void print_bytes(std::string_view bytes) { std::fwrite(bytes.data(), 1, bytes.size(), stdout); }

bool stdout_is_terminal() { return ::isatty(STDOUT_FILENO) != 0; }

void print_error(std::string_view text) {
    std::fflush(stdout); // keeps the two streams in order where both go to one terminal
    std::fwrite(text.data(), 1, text.size(), stderr);
    if (!text.empty() && text.back() != '\n') std::fputc('\n', stderr);
}

void flush_result() {
    errno = 0;
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0)
        throw std::runtime_error("cannot write to standard output: " + std::generic_category().message(errno));
}

std::string read_file(const std::string& path) {
    if (path == "-") return read_all(stdin, path);
    const File file{std::fopen(path.c_str(), "rb")};
    if (!file) fail("read", path, errno);
    return read_all(file.get(), path);
}

void write_file(const std::string& path, std::string_view text) {
    const WriteGuard no_interruption;
    std::error_code ignored;
    const auto status = std::filesystem::status(path, ignored);
    if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status))
        return write_all(path, path, "wb", text);
    const std::string temporary = fmt::format("{}.{}.tmp", path, ::getpid());
    try {
        write_all(temporary, path, "wbx", text);
        if (std::rename(temporary.c_str(), path.c_str()) != 0) fail("write", path, errno);
    } catch (...) {
        std::filesystem::remove(temporary, ignored);
        throw;
    }
}

std::vector<OutputFile> output_files(const std::vector<std::string>& arguments, const std::vector<std::string>& kinds) {
    constexpr std::array<std::string_view, 9> known{"json", "html",   "md",    "csv", "sqlite",
                                                    "hgrm", "pcapng", "junit", "xml"};
    constexpr std::array<std::pair<const char*, const char*>, 4> folder_files{
        {{"result.json", "json"}, {"report.html", "html"}, {"summary.md", "md"}, {"junit.xml", "junit"}}};
    const auto available = [&](const std::string& kind) {
        return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
    };
    const auto exists = [&](const std::string& kind) {
        return available(kind) || std::find(known.begin(), known.end(), kind) != known.end();
    };
    std::vector<OutputFile> files;
    for (const std::string& argument : arguments) {
        if (argument.empty()) throw UsageError("--out: the path is empty");
        if (argument.back() == '/') {
            if (!available("junit"))
                throw UsageError(fmt::format("--out: a folder (\"{}\") is not available here, only .{} files", argument,
                                             fmt::join(kinds, ", .")));
            std::error_code error;
            std::filesystem::create_directories(argument, error);
            if (error || ::access(argument.c_str(), W_OK) != 0) fail("write", argument, error ? error.value() : errno);
            for (const auto& [name, kind] : folder_files)
                if (available(kind)) files.push_back({argument + name, kind});
            continue;
        }
        const std::size_t colon = argument.find(':');
        const std::string prefix = colon == std::string::npos ? "" : argument.substr(0, colon);
        const bool prefixed = exists(prefix);
        std::string path = prefixed ? argument.substr(colon + 1) : argument;
        const std::string suffix = std::filesystem::path{path}.extension().string();
        std::string kind = prefixed ? prefix : suffix.empty() ? "" : suffix.substr(1);
        if (kind == "xml") kind = "junit";
        if (exists(kind) && !available(kind))
            throw UsageError(
                fmt::format("--out: the kind \"{}\" is not available here, only {}", kind, fmt::join(kinds, ", ")));
        if (!available(kind) || path.empty())
            throw UsageError(fmt::format("--out: \"{}\" names no kind of file; write NAME.{} or {}:PATH", argument,
                                         kinds.front(), kinds.front()));
        if (path != "-") {
            std::filesystem::path folder = std::filesystem::path{path}.parent_path();
            if (folder.empty()) folder = ".";
            if (::access(folder.c_str(), W_OK) != 0) fail("write", path, errno);
        }
        files.push_back({std::move(path), std::move(kind)});
    }
    return files;
}

GracefulStop::GracefulStop() { graceful.store(true); }
GracefulStop::~GracefulStop() { graceful.store(false); }
bool GracefulStop::requested() { return stop_requested.load(); }
int GracefulStop::exit_code() { return exit_signal + signal_received.load(); }

void exit_on_signals() {
    struct sigaction action {};
    action.sa_handler = on_signal;
    ::sigemptyset(&action.sa_mask);
    action.sa_flags = SA_RESTART;
    ::sigaction(SIGINT, &action, nullptr);
    ::sigaction(SIGTERM, &action, nullptr);
}

Progress::Progress(const std::string& mode, bool quiet, int variants) : variants_(variants) {
    if (quiet || mode == "never") return;
    json_ = mode == "json";
    if (json_) return;
    redraw_ = mode == "always" || ::isatty(STDERR_FILENO) != 0;
    plain_ = !redraw_;
}

Progress::~Progress() {
    if (drawn_ > 0) fmt::print(stderr, "\r{:{}}\r", "", drawn_);
}

void Progress::begin_variant(int index) {
    const std::lock_guard lock{mutex_};
    variant_ = index;
}

void Progress::update(int done, int of) {
    const std::lock_guard lock{mutex_};
    if (!redraw_ && !plain_ && !json_) return;
    const int all = variants_ * of;
    const int complete = variant_ * of + done;
    if (complete <= 0 || (complete >= all && !json_)) return;
    const Clock::time_point now = Clock::now();
    using namespace std::chrono_literals;
    // Ten pictures a second are as many as an eye follows; a log of a CI job wants two lines a minute at most.
    if (complete < all && now - last_ < (plain_ ? Clock::duration{30s} : Clock::duration{100ms})) return;
    last_ = now;
    const double elapsed = std::chrono::duration<double>(now - started_).count();
    const std::string text = fmt::format("{:3} %   {}/{}   eta {}", 100 * complete / all, complete, all,
                                         remaining_time(elapsed / complete * (all - complete)));
    if (json_) {
        fmt::print(stderr, "{{\"done\":{},\"of\":{},\"elapsed_s\":{:.1f},\"eta_s\":{:.1f}}}\n", complete, all, elapsed,
                   elapsed / complete * (all - complete));
        return;
    }
    if (plain_) {
        fmt::print(stderr, "{}\n", text);
        return;
    }
    constexpr int width = 20;
    const int filled = width * complete / all;
    const std::string line = fmt::format("[{:#<{}}{:-<{}}] {}", "", filled, "", width - filled, text);
    fmt::print(stderr, "\r{:<{}}", line, drawn_);
    std::fflush(stderr);
    drawn_ = line.size();
}

} // namespace firstbyte::tools
