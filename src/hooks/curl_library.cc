#include "hooks/curl_library.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <mutex>
#include <optional>

namespace segue::hooks {
namespace {

template <class Function>
bool find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(::dlsym(library, name));
  return function != nullptr;
}

bool find_all(void* library, CurlLibrary& curl) {
  return find(library, "curl_global_init", curl.global_init) && find(library, "curl_easy_init", curl.easy_init) &&
         find(library, "curl_easy_setopt", curl.easy_setopt) && find(library, "curl_easy_getinfo", curl.easy_getinfo) &&
         find(library, "curl_easy_strerror", curl.easy_strerror) &&
         find(library, "curl_easy_cleanup", curl.easy_cleanup) && find(library, "curl_multi_init", curl.multi_init) &&
         find(library, "curl_multi_add_handle", curl.multi_add_handle) &&
         find(library, "curl_multi_perform", curl.multi_perform) && find(library, "curl_multi_poll", curl.multi_poll) &&
         find(library, "curl_multi_info_read", curl.multi_info_read) &&
         find(library, "curl_multi_remove_handle", curl.multi_remove_handle) &&
         find(library, "curl_multi_cleanup", curl.multi_cleanup) &&
         find(library, "curl_slist_append", curl.slist_append) &&
         find(library, "curl_slist_free_all", curl.slist_free_all);
}

}  // namespace

Result<CurlLibrary> load_curl(const std::vector<std::string>& names) {
  std::string reason;
  for (const auto& name : names) {
    void* library = ::dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
    CurlLibrary curl{};
    if (library != nullptr && find_all(library, curl)) return curl;
    if (reason.empty()) {
      const char* words = library == nullptr ? ::dlerror() : nullptr;
      reason = words == nullptr ? name + " is too old" : words;
    }
    if (library != nullptr) ::dlclose(library);
  }
  return failure("no-libcurl", fmt::format("HTTP needs libcurl, which cannot be loaded: {}", reason),
                 "install it: apt-get install libcurl4 (Debian, Ubuntu), dnf install libcurl (Fedora, RHEL)");
}

Result<const CurlLibrary*> curl_library() {
  static std::mutex mutex;
  static std::optional<CurlLibrary> loaded;
  const std::lock_guard lock(mutex);
  if (loaded) return &*loaded;
  // The second is Debian's other build of the same library.
  const auto curl = TRY(load_curl({"libcurl.so.4", "libcurl-gnutls.so.4"}));
  if (curl.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
    return failure("no-libcurl", "libcurl cannot be initialised",
                   "check its installation: apt-get install --reinstall libcurl4");
  }
  loaded = curl;
  return &*loaded;
}

}  // namespace segue::hooks
