/// Writer of capture files in the pcapng format (draft-ietf-opsawg-pcapng), as far as traces need it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace firstbyte::report {

/// One section in little-endian order: interfaces for raw IP packets, packets with nanoseconds and comments.
class PcapngWriter {
public:
    /// @param application  who wrote the file
    explicit PcapngWriter(std::string_view application);

    /// @return number of the interface
    std::uint32_t add_interface(std::string_view name, std::string_view description);
    /// @param time_ns  since 1970-01-01 00:00 UTC
    void add_packet(std::uint32_t interface, std::uint64_t time_ns, std::string_view bytes, std::string_view comment);

    [[nodiscard]] std::string take() { return std::move(out_); }

private:
    std::string out_;
    std::uint32_t interfaces_ = 0;
};

} // namespace firstbyte::report
