#include "support/allocation_counter.hpp"

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <malloc.h>
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
std::atomic<std::uint64_t> bytes{0}, most{0};
} // namespace

std::uint64_t allocations() { return calls.load(std::memory_order_relaxed); }
std::uint64_t most_bytes() { return most.load(std::memory_order_relaxed); }
void forget_most_bytes() { most.store(bytes.load(std::memory_order_relaxed), std::memory_order_relaxed); }

#ifdef FIRSTBYTE_TESTS_SANITIZED

bool allocations_counted() { return false; }

} // namespace firstbyte::support

#else

bool allocations_counted() { return true; }

namespace {

void* allocate(std::size_t size, std::size_t alignment) {
    calls.fetch_add(1, std::memory_order_relaxed);
    const std::size_t at_least_one = size == 0 ? 1 : size; // each object has an address of its own
    void* const memory = alignment <= alignof(std::max_align_t)
                             ? std::malloc(at_least_one)
                             : std::aligned_alloc(alignment, (at_least_one + alignment - 1) / alignment * alignment);
    const std::uint64_t got = malloc_usable_size(memory); // 0 of a null pointer
    const std::uint64_t now = bytes.fetch_add(got, std::memory_order_relaxed) + got;
    std::uint64_t seen = most.load(std::memory_order_relaxed);
    while (seen < now && !most.compare_exchange_weak(seen, now, std::memory_order_relaxed)) {}
    return memory;
}

void give_back(void* memory) {
    bytes.fetch_sub(malloc_usable_size(memory), std::memory_order_relaxed);
    std::free(memory);
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
void operator delete(void* memory) noexcept { firstbyte::support::give_back(memory); }
void operator delete(void* memory, std::size_t) noexcept { firstbyte::support::give_back(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { firstbyte::support::give_back(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { firstbyte::support::give_back(memory); }

#endif
