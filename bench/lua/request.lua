-- Sends one kind of request, told by environment variables, and prints what came of it as one line of JSON.
local method = os.getenv("BENCH_METHOD") or "GET"
local body = os.getenv("BENCH_BODY")
local headers = {}
if os.getenv("BENCH_TOKEN") then headers["Authorization"] = "Bearer " .. os.getenv("BENCH_TOKEN") end
if body then headers["Content-Type"] = "application/json" end
local counting = body and body:find("@COUNT@", 1, true)
local run = os.getenv("BENCH_RUN") or "0"
local number = 0

wrk.method = method
wrk.headers = headers
wrk.body = body

function request()
  if counting then
    number = number + 1
    return wrk.format(method, nil, headers, (body:gsub("@COUNT@", run .. "-" .. number)))
  end
  return wrk.format()
end

function init(args)
  local formatted = wrk.format()
  if not counting then request = function() return formatted end end
end

function done(summary, latency, requests)
  local e = summary.errors
  io.write(string.format(
    '\n{"requests": %d, "seconds": %.6f, "bytes": %d, "failed": %d, "p50": %.4f, "p99": %.4f}\n',
    summary.requests, summary.duration / 1e6, summary.bytes,
    e.connect + e.read + e.write + e.status + e.timeout,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
