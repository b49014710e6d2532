/// SHA-256 of a text (FIPS 180-4), as results name the scenario they came from.
#pragma once

#include <string>
#include <string_view>

namespace firstbyte {

/// SHA-256 of the bytes of `text`: 64 lower-case hexadecimal digits.
/// @throws std::runtime_error  when the cryptographic library refuses, which a build without SHA-256 would do
[[nodiscard]] std::string sha256_hex(std::string_view text);

} // namespace firstbyte
