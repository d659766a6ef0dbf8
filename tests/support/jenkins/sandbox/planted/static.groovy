// staticMethod java.lang.System getProperty java.lang.String
System.getProperty('user.dir')
