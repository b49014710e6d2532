/// Linux's net.ipv4.tcp_* settings as keys of the scenario format.
#pragma once

#include "records.hpp"
#include "scenario_parts.hpp"

namespace firstbyte::validate {

/// Bits of net.ipv4.tcp_fastopen (Documentation/networking/ip-sysctl).
namespace fast_open_bit {
inline constexpr std::uint64_t client = 0x1, server = 0x2, client_cookieless = 0x4, server_cookieless = 0x200,
                               every_listener = 0x400;
inline constexpr std::uint64_t all = client | server | client_cookieless | server_cookieless | every_listener;
} // namespace fast_open_bit

/// Settings of one end of the leg.
struct EndSettings {
    Ordered keys = Ordered::object();
    std::uint64_t fast_open = fast_open_bit::client | fast_open_bit::server; ///< the records' default, 3
};

/// @throws RecordError  for a setting that is no number where one is needed, or that has an effect and no key
[[nodiscard]] EndSettings end_settings(const Timeline& timeline, const std::map<std::string, std::string>& sysctls);

/// The changes of a record as events of the scenario.
/// @throws RecordError  for a change that no event can make
[[nodiscard]] Ordered change_events(const Timeline& timeline);

} // namespace firstbyte::validate
