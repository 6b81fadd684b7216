#include "pg/session.h"

namespace segue::pg {
namespace {

// Leaves pipeline mode on every way out; a connection that cannot leave it is lost.
class PipelineMode {
 public:
  explicit PipelineMode(PGconn* handle) : handle_(handle), entered_(PQenterPipelineMode(handle) == 1) {}
  ~PipelineMode() {
    if (entered_) PQexitPipelineMode(handle_);
  }
  PipelineMode(const PipelineMode&) = delete;
  PipelineMode& operator=(const PipelineMode&) = delete;
  bool entered() const { return entered_; }

 private:
  PGconn* handle_;
  bool entered_;
};

}  // namespace

Pipeline& Pipeline::add(std::string_view sql, const Params& params) {
  items_.push_back({connection_.state_->with_remark(sql), params});
  return *this;
}

Result<std::vector<Rows>> Pipeline::run(std::size_t* failed_at) {
  auto& state = *connection_.state_;
  PGconn* handle = state.handle.get();
  const PipelineMode mode(handle);
  if (!mode.entered()) return tl::unexpected(state.lost_error());

  for (const auto& item : items_) {
    const ParamArrays arrays(item.params);
    if (PQsendQueryParams(handle, item.sql.c_str(), arrays.count(), nullptr, arrays.values(), nullptr, nullptr, 0) !=
        1) {
      return tl::unexpected(state.lost_error());
    }
  }
  if (PQpipelineSync(handle) != 1) return tl::unexpected(state.lost_error());

  std::vector<Rows> answers;
  std::optional<Error> first;
  for (std::size_t number = 0; number < items_.size(); ++number) {
    PGresult* result = PQgetResult(handle);
    if (result == nullptr) return tl::unexpected(state.lost_error());
    if (PQresultStatus(result) == PGRES_PIPELINE_ABORTED) {
      PQclear(result);
    } else if (auto rows = state.check(result); rows) {
      answers.push_back(std::move(*rows));
    } else if (!first) {
      first = rows.error();
      if (failed_at != nullptr) *failed_at = number;
      if (connection_.lost()) return tl::unexpected(*first);
    }
    while (PGresult* more = PQgetResult(handle)) PQclear(more);  // the end of this statement
  }
  PGresult* sync = PQgetResult(handle);
  if (sync == nullptr && !first) return tl::unexpected(state.lost_error());
  PQclear(sync);
  items_.clear();
  if (first) return tl::unexpected(*first);
  return answers;
}

}  // namespace segue::pg
