#!/bin/sh
# Tries the helper's Windows side under Wine, on a screen of its own. It needs
# wine64 (8.0 or later), x86_64-w64-mingw32-gcc and Xvfb, and is no part of
# "make test": Wine isn't Windows, and setting it up takes longer than the tests.
#
# Arguments go to the test program, such as -test.run Wine.
set -eu
cd "$(dirname "$0")/.."
work="$PWD/.cache/wine"
mkdir -p "$work"

export WINEPREFIX="$work/prefix" WINEDEBUG="${WINEDEBUG:--all}" WINEARCH=win64
export WINEDLLOVERRIDES="mscoree,mshtml=" # asks for neither .NET nor a browser
wine=$(command -v wine64 || echo /usr/lib/wine/wine64)
server=$(command -v wineserver || echo /usr/lib/wine/wineserver)

CGO_ENABLED=0 GOOS=windows GOARCH=amd64 go test -c -tags wine -o "$work/win32.test.exe" ./internal/helper/device/win32

display=80
while [ -e "/tmp/.X$display-lock" ]; do display=$((display + 1)); done
export DISPLAY=":$display"
Xvfb "$DISPLAY" -screen 0 1280x800x24 -nolisten tcp >"$work/xvfb.log" 2>&1 &
xvfb=$!
# The prefix's own server only, not another's.
trap '"$server" -k >/dev/null 2>&1 || true; kill "$xvfb" 2>/dev/null || true' EXIT
sleep 1

if [ ! -e "$WINEPREFIX/system.reg" ]; then
	"$wine" wineboot -i >"$work/boot.log" 2>&1
	"$server" -w
fi

# Go asks bcryptprimitives.dll for random numbers, which Wine lacks before 9.
shim="$WINEPREFIX/drive_c/windows/system32/bcryptprimitives.dll"
if [ ! -e "$shim" ]; then
	cat >"$work/shim.c" <<'C'
#include <windows.h>
BOOLEAN NTAPI SystemFunction036(PVOID, ULONG);
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T length)
{
	return SystemFunction036(data, (ULONG)length);
}
C
	x86_64-w64-mingw32-gcc -shared -O2 -o "$shim" "$work/shim.c" -ladvapi32
fi

timeout 300 "$wine" "$work/win32.test.exe" -test.v "$@"
