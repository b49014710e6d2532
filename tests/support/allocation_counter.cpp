#include "support/allocation_counter.hpp"

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define FIRSTBYTE_TESTS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define FIRSTBYTE_TESTS_SANITIZED 1
#endif
#endif

namespace firstbyte::support {
namespace {
std::atomic<std::uint64_t> calls{0};
} // namespace

std::uint64_t allocations() { return calls.load(std::memory_order_relaxed); }

#ifdef FIRSTBYTE_TESTS_SANITIZED

bool allocations_counted() { return false; }

} // namespace firstbyte::support

#else

bool allocations_counted() { return true; }

namespace {

void* allocate(std::size_t size, std::size_t alignment) {
    calls.fetch_add(1, std::memory_order_relaxed);
    const std::size_t at_least_one = size == 0 ? 1 : size; // each object has an address of its own
    if (alignment <= alignof(std::max_align_t)) return std::malloc(at_least_one);
    return std::aligned_alloc(alignment, (at_least_one + alignment - 1) / alignment * alignment);
}

void* allocate_or_throw(std::size_t size, std::size_t alignment) {
    void* const memory = allocate(size, alignment);
    if (memory == nullptr) throw std::bad_alloc();
    return memory;
}

} // namespace
} // namespace firstbyte::support

// The forms for arrays and without exceptions call these in the standard library.
void* operator new(std::size_t size) { return firstbyte::support::allocate_or_throw(size, 1); }
void* operator new(std::size_t size, std::align_val_t alignment) {
    return firstbyte::support::allocate_or_throw(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

#endif
