// libcurl, loaded when it is first needed: linked, it would cost every start of the program 0.6 to 0.9 ms, for a hook
// that few migrations have. The functions are called through this table and are otherwise curl's own.
//
// Used inside this room only.
#pragma once

#include <curl/curl.h>

#include <string>
#include <vector>

#include "base/error.h"

namespace segue::hooks {

struct CurlLibrary {
  decltype(&::curl_global_init) global_init;
  decltype(&::curl_easy_init) easy_init;
  decltype(&::curl_easy_setopt) easy_setopt;
  decltype(&::curl_easy_getinfo) easy_getinfo;
  decltype(&::curl_easy_strerror) easy_strerror;
  decltype(&::curl_easy_cleanup) easy_cleanup;
  decltype(&::curl_multi_init) multi_init;
  decltype(&::curl_multi_add_handle) multi_add_handle;
  decltype(&::curl_multi_perform) multi_perform;
  decltype(&::curl_multi_poll) multi_poll;
  decltype(&::curl_multi_info_read) multi_info_read;
  decltype(&::curl_multi_remove_handle) multi_remove_handle;
  decltype(&::curl_multi_cleanup) multi_cleanup;
  decltype(&::curl_slist_append) slist_append;
  decltype(&::curl_slist_free_all) slist_free_all;
};

// The first of `names` that can be loaded and has all functions.
Result<CurlLibrary> load_curl(const std::vector<std::string>& names);

// This machine's libcurl, loaded and initialised once; it stays for as long as the program runs. What failed once is
// tried again at the next call: somebody may have installed it.
Result<const CurlLibrary*> curl_library();

}  // namespace segue::hooks
