need chromium command "${CHROMIUM:-chromium}" chromium-browser google-chrome
need firefox-esr command "${FIREFOX:-firefox-esr}" firefox
