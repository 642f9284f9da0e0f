import { defineConfig } from "vite";

// One file without modules, so that one script tag is enough. Styles are a string in it and never an inline style.
export default defineConfig({
  esbuild: { jsx: "automatic", jsxImportSource: "preact" },
  build: {
    target: "es2021",
    outDir: "../bot/channels/page",
    emptyOutDir: false,
    cssCodeSplit: false,
    lib: { entry: "src/main.tsx", formats: ["iife"], name: "Reframe", fileName: () => "widget.js" },
  },
});
