# Runs a server as long as its owner lives, and removes the folder afterwards. The owner holds the other end of the
# standard input and never writes to it: whatever ends the owner, even SIGKILL, ends that input.
# Arguments: the folder, then the server with its arguments.
folder=$1
shift
exec 3<&0
"$@" </dev/null >"$folder/log" 2>&1 3<&- &
server=$!
{ read -r nothing; kill -INT "$server"; } <&3 2>/dev/null &
wait "$server"
# A server that could not start is read about by the owner, in the log, before the folder goes.
: >"$folder/ended"
read -r nothing <&3
cd /
rm -rf -- "$folder"
