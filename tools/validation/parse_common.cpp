#include "parse_common.hpp"

#include "read_records.hpp"
#include "record_error.hpp"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <memory>
#include <stdexcept>

namespace firstbyte::validate {

nlohmann::json parse_json(const std::string& text, const std::string& file, int first_line) {
    try {
        return nlohmann::json::parse(text);
    } catch (const nlohmann::json::parse_error& error) {
        const std::size_t byte = std::min(error.byte, text.size());
        const auto lines = std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(byte), '\n');
        std::string message = error.what(); // "[json.exception.parse_error.101] parse error at line 1, column 5: ..."
        if (const std::size_t colon = message.find(": "); colon != std::string::npos) message.erase(0, colon + 2);
        throw RecordError(file, first_line + static_cast<int>(lines), "this is not JSON: " + message);
    }
}

Duration from_ms(double ms) { return Duration{std::llround(ms * 1e6)}; }

FastOpenCounters fast_open_counters(const Fields& counters) {
    const auto count = [&counters](const char* name) {
        return counters.has(name) ? static_cast<std::uint64_t>(counters.whole(name, 0, count_max)) : 0;
    };
    FastOpenCounters out;
    out.active = count("TCPFastOpenActive");
    out.active_fail = count("TCPFastOpenActiveFail");
    out.passive = count("TCPFastOpenPassive");
    out.passive_fail = count("TCPFastOpenPassiveFail");
    out.cookie_requested = count("TCPFastOpenCookieReqd");
    out.passive_alt_key = count("TCPFastOpenPassiveAltKey");
    out.listen_overflow = count("TCPFastOpenListenOverflow");
    out.blackhole = count("TCPFastOpenBlackhole");
    return out;
}

std::string read_text(const std::string& path) {
    const auto fail = [&path]() -> std::string {
        throw std::runtime_error("cannot read " + path + ": " + std::strerror(errno));
    };
    // Not std::ifstream: it opens a folder, and says why it could not read in words of its own.
    const auto close = [](std::FILE* file) { std::fclose(file); };
    const std::unique_ptr<std::FILE, decltype(close)> file(std::fopen(path.c_str(), "rb"), close);
    if (!file) return fail();
    std::string text;
    char block[1 << 16];
    while (const std::size_t got = std::fread(block, 1, sizeof block, file.get())) text.append(block, got);
    return std::ferror(file.get()) != 0 ? fail() : text;
}

} // namespace firstbyte::validate
