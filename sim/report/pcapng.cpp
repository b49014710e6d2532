#include "report/pcapng.hpp"

#include "core/check.hpp"

#include <cstddef>
#include <limits>

namespace firstbyte::report {
namespace {

// Block types, options and values: draft-ietf-opsawg-pcapng sections 3.5, 4.1, 4.2, 4.3.
constexpr std::uint32_t section_header = 0x0A0D0D0A, interface_description = 1, enhanced_packet = 6;
constexpr std::uint16_t option_end = 0, option_comment = 1;
constexpr std::uint16_t section_application = 4;
constexpr std::uint16_t interface_name = 2, interface_text = 3, interface_resolution = 9;
constexpr std::uint32_t byte_order_magic = 0x1A2B3C4D;
constexpr std::uint16_t link_type_raw = 101; // packets begin with an IPv4 or IPv6 header
constexpr char nanoseconds = 9;              // 10^-9 s

template <class Number>
void put(std::string& out, Number value) {
    for (std::size_t n = 0; n < sizeof(Number); ++n) out += static_cast<char>((value >> (8 * n)) & 0xff);
}

void pad(std::string& out) { out.append((4 - out.size() % 4) % 4, '\0'); }

void put_option(std::string& body, std::uint16_t code, std::string_view value) {
    FB_ASSERT(value.size() <= std::numeric_limits<std::uint16_t>::max(), "an option's length has 16 bits");
    put(body, code);
    put(body, static_cast<std::uint16_t>(value.size()));
    body += value;
    pad(body);
}

void end_options(std::string& body) {
    put(body, option_end);
    put(body, std::uint16_t{0});
}

/// Type, length, body, length. The body's size is a multiple of 4.
void put_block(std::string& out, std::uint32_t type, const std::string& body) {
    constexpr std::size_t frame = 12;
    const auto length = static_cast<std::uint32_t>(body.size() + frame);
    put(out, type);
    put(out, length);
    out += body;
    put(out, length);
}

} // namespace

PcapngWriter::PcapngWriter(std::string_view application) {
    std::string body;
    put(body, byte_order_magic);
    put(body, std::uint16_t{1}); // version 1.0
    put(body, std::uint16_t{0});
    put(body, ~std::uint64_t{0}); // the section's length is not said
    put_option(body, section_application, application);
    end_options(body);
    put_block(out_, section_header, body);
}

std::uint32_t PcapngWriter::add_interface(std::string_view name, std::string_view description) {
    std::string body;
    put(body, link_type_raw);
    put(body, std::uint16_t{0});
    put(body, std::uint32_t{0}); // packets are never cut
    put_option(body, interface_name, name);
    put_option(body, interface_text, description);
    put_option(body, interface_resolution, std::string_view(&nanoseconds, 1));
    end_options(body);
    put_block(out_, interface_description, body);
    return interfaces_++;
}

void PcapngWriter::add_packet(std::uint32_t interface, std::uint64_t time_ns, std::string_view bytes,
                              std::string_view comment) {
    FB_ASSERT(interface < interfaces_, "a packet belongs to an interface that was described before");
    std::string body;
    put(body, interface);
    put(body, static_cast<std::uint32_t>(time_ns >> 32));
    put(body, static_cast<std::uint32_t>(time_ns));
    put(body, static_cast<std::uint32_t>(bytes.size()));
    put(body, static_cast<std::uint32_t>(bytes.size()));
    body += bytes;
    pad(body);
    if (!comment.empty()) {
        put_option(body, option_comment, comment);
        end_options(body);
    }
    put_block(out_, enhanced_packet, body);
}

} // namespace firstbyte::report
