// Package macos carries input out on macOS, by Quartz events, without cgo.
//
// What decides which event says what is plain Go, and is tested on any system;
// what calls the system is in the files for darwin.
package macos
